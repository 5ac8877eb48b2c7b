"""The shop's pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt

from demo.content import Article, Content, Customer, Product
from demo.layout import Frame, page
from demo.markup import NOTHING, Markup, html, join
from demo.pictures import picture

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")

_GROUPS = {
    "Clothing": {
        "jacket", "vest", "fleece", "shirt", "trousers", "shorts", "socks", "gloves", "hat",
    },
    "On your feet": {"boots", "shoes"},
    "Camp": {"tent", "sleeping-bag", "mat", "stove", "lamp", "headlamp", "bottle"},
    "Carry and walk": {"backpack", "pack", "poles"},
}  # fmt: skip

_TOPICS = {
    "delivery": "Delivery",
    "orders": "Orders",
    "returns": "Returns",
    "sizes": "Sizes",
    "care": "Care",
    "repairs": "Repairs",
    "warranty": "Warranty",
    "payment": "Payment",
    "gift-cards": "Gift cards",
    "membership": "Membership",
    "stores": "Stores",
    "products": "Products",
    "privacy": "Privacy",
}

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "PLN": "zł "}


def money(amount: float, currency: str = "EUR") -> str:
    """``amount`` as a price tag shows it."""
    return f"{_SYMBOLS.get(currency, currency + ' ')}{amount:,.2f}"


def home(frame: Frame, products: Sequence[Product]) -> Markup:
    """The product grid, in groups."""
    rest = [p for p in products if not any(p.kind in kinds for kinds in _GROUPS.values())]
    groups = [(name, [p for p in products if p.kind in kinds]) for name, kinds in _GROUPS.items()]
    sections = join(
        html(
            '<section><h2>{name}</h2><ul class="grid">{cards}</ul></section>',
            name=name,
            cards=join(_card(product) for product in members),
        )
        for name, members in [*groups, ("More", rest)]
        if members
    )
    hero = html(
        '<div class="hero"><h1>{tagline}</h1>'
        "<p>Clothing, tents and small things for people who walk. Questions? "
        "Press <em>Ask us</em> below, at any hour.</p></div>",
        tagline=frame.shop.tagline or frame.shop.name,
    )
    return page(frame, "Shop", join([hero, sections]), here="/")


def _card(product: Product) -> Markup:
    return html(
        '<li class="card"><a href="/products/{id}">{picture}<span class="card-text">'
        '<span class="card-name">{name}</span><span class="card-price">{price}</span>'
        "{sold_out}</span></a></li>",
        id=product.id,
        picture=picture(product),
        name=product.name,
        price=money(product.price, product.currency),
        sold_out=NOTHING
        if product.in_stock
        else Markup('<span class="sold-out">Sold out at the moment</span>'),
    )


def product_page(frame: Frame, product: Product, content: Content) -> Markup:
    """One product with all that the catalog says of it."""
    labels = content.attributes()
    known = [key for key in labels if key in product.attributes]
    others = [key for key in product.attributes if key not in labels and key != "care_article"]
    rows = join(
        html(
            '<tr><th scope="row">{label}</th><td>{value}</td></tr>',
            label=labels.get(key, (key.replace("_", " ").capitalize(), ""))[0],
            value=_value(product.attributes[key], labels.get(key, ("", ""))[1]),
        )
        for key in known + others
    )
    stock = join(
        html("<tr><th scope='row'>{size}</th><td>{state}</td></tr>", size=size, state=_stock(count))
        for size, count in product.stock.items()
    )
    care = product.attributes.get("care_article")
    about = [a for a in content.articles() if product.id in a.products or a.id == care]
    related = html(
        '<section class="related"><h2>Good to know</h2><ul>{links}</ul></section>',
        links=join(_article_link(article) for article in about),
    )
    body = html(
        '<p class="crumbs"><a href="/">Shop</a> / {name}</p>'
        '<div class="product"><div class="product-picture">{picture}</div><div>'
        '<h1>{name}</h1><p class="price">{price} <small>VAT included</small></p>'
        "<p>{summary}</p>"
        '<h2>In stock</h2><table class="stock"><tbody>{stock}</tbody></table></div></div>'
        '<section><h2>Details</h2><table class="details"><tbody>{rows}</tbody></table></section>'
        "{related}",
        name=product.name,
        picture=picture(product),
        price=money(product.price, product.currency),
        summary=product.summary,
        stock=stock,
        rows=rows,
        related=related if about else NOTHING,
    )
    return page(frame, product.name, body)


def _value(value: Any, unit: str) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, int | float) and unit:
        return f"{value:,} {unit}" if value != 1 or unit != "years" else "1 year"
    return f"{value} {unit}".strip() if unit else str(value)


def _stock(count: int) -> Markup:
    if count <= 0:
        return Markup('<span class="none">Sold out</span>')
    if count <= 3:
        return html('<span class="few">Only {count} left</span>', count=count)
    return html('<span class="some">In stock ({count})</span>', count=count)


def help_page(frame: Frame, articles: Sequence[Article]) -> Markup:
    """All articles by topic."""
    topics = list(dict.fromkeys([*_TOPICS, *(article.topic for article in articles)]))
    sections = join(
        html(
            '<section class="topic"><h2>{topic}</h2><ul>{links}</ul></section>',
            topic=_TOPICS.get(topic, topic.replace("-", " ").capitalize()),
            links=join(_article_link(article) for article in members),
        )
        for topic in topics
        if (members := [article for article in articles if article.topic == topic])
    )
    body = html('<h1>Help</h1><div class="topics">{sections}</div>', sections=sections)
    return page(frame, "Help", body, here="/help")


def _article_link(article: Article) -> Markup:
    return html(
        '<li><a href="/help/{id}">{title}</a> '
        '<a class="ask" href="/help/{id}?article={id}" aria-label="Ask about this: {title}">'
        "Ask about this</a></li>",
        id=article.id,
        title=article.title,
    )


def article_page(frame: Frame, article: Article, products: Sequence[Product]) -> Markup:
    """One article."""
    about = [product for product in products if product.id in article.products]
    cards = join(_card(product) for product in about)
    body = html(
        '<p class="crumbs"><a href="/help">Help</a> / {title}</p>'
        '<article class="article"><h1>{title}</h1>{text}'
        '<p class="article-end"><a class="button" href="/help/{id}?article={id}">Ask about this'
        "</a>{updated}</p></article>{about}",
        id=article.id,
        title=article.title,
        text=Markup(_MARKDOWN.render(article.body)),
        updated=html(" <span>Updated {day}</span>", day=article.updated)
        if article.updated
        else NOTHING,
        about=html(
            '<section><h2>For these products</h2><ul class="grid">{cards}</ul></section>',
            cards=cards,
        )
        if about
        else NOTHING,
    )
    return page(frame, article.title, body)


def account_page(frame: Frame, content: Content) -> Markup:
    """The switch between the demo's customers, and the orders of who is signed in."""
    parts = [Markup("<h1>Your account</h1>")]
    if frame.customer:
        parts.append(_signed_in(frame.customer, content))
    people = join(
        html(
            '<li><form method="post" action="/account"><input type="hidden" name="customer" '
            'value="{id}"><button class="person"{current}><strong>{name}</strong>'
            "<span>{email}</span></button></form></li>",
            id=customer.id,
            name=customer.name,
            email=customer.email,
            current=Markup(' aria-current="true"') if customer == frame.customer else NOTHING,
        )
        for customer in content.customers()
    )
    parts.append(
        html(
            '<section><h2>Sign in as…</h2><p class="lead">This demo has no passwords. Choose a '
            "customer; the assistant then knows whose orders it may show.</p>"
            '<ul class="people">{people}</ul></section>',
            people=people,
        )
    )
    return page(frame, "Your account", join(parts), here="/account")


def _signed_in(customer: Customer, content: Content) -> Markup:
    names = {product.id: product.name for product in content.products()}
    orders = join(_order(order, names) for order in content.orders_of(customer.id))
    member = (
        html("<p>Member since {day}.</p>", day=customer.member_since)
        if customer.member_since
        else NOTHING
    )
    return html(
        '<section class="signed-in"><p class="lead">Signed in as <strong>{name}</strong> '
        '({email}).</p>{member}<form method="post" action="/account/sign-out">'
        '<button class="button quiet">Sign out</button></form></section>'
        '<section><h2>Your orders</h2><ul class="orders">{orders}</ul></section>',
        name=customer.name,
        email=customer.email,
        member=member,
        orders=orders or Markup("<li>No orders yet.</li>"),
    )


def _order(order: dict[str, Any], names: dict[str, str]) -> Markup:
    lines = ", ".join(
        f"{line.get('quantity', 1)} x {names.get(line.get('product', ''), line.get('product'))}"
        + (f" ({line['size']})" if line.get("size", "one-size") != "one-size" else "")
        for line in order.get("lines") or []
    )
    return html(
        '<li class="order"><strong>{number}</strong><span class="state">{state}</span>'
        "<span>{lines}</span><span>{placed}</span><span>{total}</span></li>",
        number=order.get("number", ""),
        state=str(order.get("state", "")).replace("-", " "),
        lines=lines,
        placed=order.get("placed", ""),
        total=money(float(order.get("total") or 0)),
    )


def not_found(frame: Frame) -> Markup:
    """Nothing at this address."""
    body = Markup(
        '<h1>There is no such page</h1><p class="lead">It may have moved. '
        '<a href="/">Go to the shop</a> or <a href="/help">look into the help pages</a>.</p>'
    )
    return page(frame, "Not found", body)
