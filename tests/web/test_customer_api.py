"""What a customer's page may do, and what nobody may."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest

from tests.house import Customer, DeskAgent, House, until


def test_a_question_is_answered_with_its_source(house: House) -> None:
    answer = Customer(house).ask("Is the Skarn jacket waterproof?")
    assert "20,000 mm" in answer["text"]
    assert answer["sources"][0]["url"].endswith("/products/skarn-jacket")
    assert answer["asks_feedback"]


def test_a_follow_up_knows_what_was_spoken_of(house: House) -> None:
    customer = Customer(house)
    customer.ask("Is the Skarn jacket waterproof?")
    answer = customer.ask("how do I wash it?")
    assert "30 °C" in answer["text"]


@pytest.mark.parametrize(
    "text", ["/restart", ' /inform{"order_number":"1"}', "/session_start", "/back"]
)
def test_a_typed_command_is_only_text(house: House, ana: DeskAgent, text: str) -> None:
    customer = Customer(house)
    answer = customer.ask(text)
    assert answer["text"]
    shown = [m["text"] for m in customer.messages() if m["from"] == "customer"]
    assert shown == [text]
    assert customer.session["visitor"] not in {c["customer"]["id"] for c in ana.cases()}
    assert "20,000 mm" in customer.ask("Is the Skarn jacket waterproof?")["text"]


def _titles(answer: dict[str, Any]) -> list[str]:
    return [button["title"] for button in answer["buttons"]]


def test_a_question_that_sounds_like_a_wish_is_answered_with_the_wish_below(house: House) -> None:
    customer = Customer(house)
    answer = customer.ask("you got my parcel back on Monday, when will I see the money")
    assert "working days" in answer["text"]
    assert _titles(answer) == ["Where is my order?", "Talk to a person"]
    pressed = customer.answer_to(customer.press(answer["buttons"][0]["token"]))
    assert "order number" in pressed["text"]


def test_a_wish_with_an_order_number_is_no_question(house: House) -> None:
    customer = Customer(house)
    answer = customer.ask("you got my parcel 10233 back on Monday, when will I see the money")
    assert "e-mail" in answer["text"]


def test_the_part_of_a_message_that_has_no_answer_is_quoted_as_plain_words(house: House) -> None:
    answer = Customer(house).ask(
        "Is the Skarn jacket waterproof? Which [football](https://a.example) *team* is the best?"
    )
    assert "20,000 mm" in answer["text"]
    assert "“Which football(https://a.example) team is the best?”" in answer["text"]
    assert _titles(answer) == ["Talk to a person"]


def test_an_order_number_alone_opens_nothing(house: House) -> None:
    customer = Customer(house)
    customer.ask("where is my order 10233")
    answer = customer.ask("someone@example.com")
    assert "no order" in answer["text"]
    assert not any("Rysik" in m["text"] or "shipped" in m["text"] for m in customer.messages())


def test_number_and_email_show_the_order(house: House) -> None:
    customer = Customer(house)
    customer.ask("where is my order 10233")
    answer = customer.ask("budi.santoso@example.org")
    assert "10233" in answer["text"]
    assert "on its way" in answer["text"]


def test_three_failures_offer_a_person(house: House) -> None:
    customer = Customer(house)
    customer.ask("where is my order")
    for _ in range(3):
        customer.ask("10233")
        answer = customer.ask("wrong@example.com")
    assert "Talk to a person" in _titles(answer)
    assert "could not find" in answer["text"]


def _identity(house: House, customer: str, secret: str | None = None) -> str:
    claims = {"sub": customer, "name": "Budi Santoso", "exp": 4102444800}
    return jwt.encode(claims, secret or house.secrets["identity_secret"], "HS256")


def test_a_signed_in_customer_sees_the_order_without_proving_anything(house: House) -> None:
    customer = Customer(house, identity=_identity(house, "c-1002"))
    assert customer.session["customer"] == {"name": "Budi Santoso"}
    assert "10233" in customer.ask("where is my order?")["text"]


def test_an_identity_that_the_shop_did_not_sign_is_refused(house: House) -> None:
    forged = _identity(house, "c-1002", "another secret that is long enough to sign")
    response = httpx.post(f"{house.url}/customer/session", json={"identity": forged})
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "identity_refused"


def test_the_next_person_at_the_browser_does_not_see_the_customers_conversation(
    house: House,
) -> None:
    budi = Customer(house, identity=_identity(house, "c-1002"))
    budi.ask("where is my order?")
    for session in ({}, {"identity": _identity(house, "c-1003")}):
        after = Customer(house, visitor=budi.session["token"], **session)
        assert after.session["visitor"] != budi.session["visitor"]
        assert after.messages() == []


def test_a_customer_who_was_nobody_on_one_page_goes_on_with_the_conversation(
    house: House,
) -> None:
    budi = Customer(house, identity=_identity(house, "c-1002"))
    budi.ask("where is my order?")
    nobody = Customer(house, visitor=budi.session["token"])
    assert nobody.messages() == []
    back = Customer(house, visitor=nobody.session["token"], identity=_identity(house, "c-1002"))
    assert back.session["visitor"] == budi.session["visitor"]
    assert back.messages() == budi.messages()
    # Who has talked as nobody keeps that, as before.
    talking = Customer(house)
    talking.ask("What does delivery cost?")
    known = Customer(house, visitor=talking.session["token"], identity=_identity(house, "c-1002"))
    assert known.session["visitor"] == talking.session["visitor"]


def test_another_visitors_conversation_opens_nothing(house: House) -> None:
    mine, theirs = Customer(house), Customer(house)
    place = theirs.say("This is a secret of mine")
    theirs.answer_to(place)
    conversation = place.rpartition(".")[0]
    mine.say("Hello")
    seen = mine.window(after=f"{conversation}.0")
    assert not any("secret" in str(entry) for entry in seen)
    response = mine.http.post(
        "/customer/feedback",
        json={"client_id": "another-visitor", "message": place, "helpful": True},
    )
    assert response.status_code == 400


def test_a_button_works_for_its_own_visitor_only(house: House, ana: DeskAgent) -> None:
    mine, theirs = Customer(house), Customer(house)
    token = theirs.ask("are you a bot?")["buttons"][0]["token"]
    stolen = mine.http.post(
        "/customer/buttons", json={"client_id": "stolen-button", "token": token}
    )
    assert stolen.status_code == 400
    theirs.answer_to(theirs.press(token))
    assert theirs.session["visitor"] in {c["customer"]["id"] for c in ana.cases()}


def test_the_same_message_twice_is_one_message(house: House) -> None:
    customer = Customer(house)
    body = {"client_id": "sent-on-a-bad-line", "text": "What does delivery cost?"}
    places = {customer.http.post("/customer/messages", json=body).json()["id"] for _ in range(3)}
    assert len(places) == 1
    customer.answer_to(places.pop())
    assert [m["from"] for m in customer.messages()] == ["customer", "bot"]


@pytest.mark.parametrize(
    ("text", "code"), [("", "text_empty"), ("  \n", "text_empty"), ("x" * 2001, "text_too_long")]
)
def test_a_message_that_cannot_be_taken_says_why(house: House, text: str, code: str) -> None:
    customer = Customer(house)
    response = customer.http.post(
        "/customer/messages", json={"client_id": "cannot-be-taken", "text": text}
    )
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code
    assert response.json()["error"]["message"]


def test_without_a_session_nothing_opens(house: House) -> None:
    for headers in ({}, {"authorization": "Bearer made-up"}):
        response = httpx.get(f"{house.url}/customer/stream", headers=headers)
        assert response.status_code == 401


def test_a_deep_link_opens_on_its_article_once(house: House) -> None:
    customer = Customer(house, article="wash-down")
    again = Customer(house, visitor=customer.session["token"], article="wash-down")
    (message,) = again.messages()
    assert message["sources"][0]["article"] == "wash-down"


def test_a_person_is_asked_for_without_the_assistant(house: House, ana: DeskAgent) -> None:
    customer = Customer(house)
    customer.ask_for_person()
    customer.ask_for_person()
    mine = [c for c in ana.cases() if c["customer"]["id"] == customer.session["visitor"]]
    assert [c["reason"] for c in mine] == ["asked_for_person"]


def test_questions_without_an_answer_end_with_a_person(house: House, ana: DeskAgent) -> None:
    customer = Customer(house)
    first = customer.ask("do you sell submarines for the north sea")
    assert "Talk to a person" in [b["title"] for b in first["buttons"]]
    customer.ask("a yellow submarine with a periscope")
    customer.ask("periscope repair on the moon")
    until(lambda: customer.session["visitor"] in {c["customer"]["id"] for c in ana.cases()}, 60)


def test_an_article_opened_in_a_language_without_its_text_says_so(house: House) -> None:
    (opened,) = Customer(house, article="cairn-club", language="pl").messages()
    assert opened["text"].startswith("Tę stronę pomocy mamy na razie tylko po angielsku")
    (translated,) = Customer(house, article="return-an-order", language="pl").messages()
    assert "angielsku" not in translated["text"]
