"""The demo shop: a customer's web site that carries the widget."""
