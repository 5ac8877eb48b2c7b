"""Makes a large help centre: articles of about 150 words each, no two alike, always the same ones.

Each article is one task on one thing, with amounts, times and names of its own, so that a search
by meaning has to tell it from the 99 others on the same thing and the 99 others on the same task.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

_SEED = 20260521

# 100 things times 100 tasks are 10,000 articles.
_THINGS = (
    "kettle", "toaster", "blender", "dishwasher", "oven", "freezer", "fridge", "coffee machine",
    "rice cooker", "juicer", "washing machine", "tumble dryer", "iron", "vacuum cleaner",
    "floor lamp", "ceiling fan", "air purifier", "dehumidifier", "radiator", "thermostat",
    "smoke alarm", "doorbell camera", "garage door", "lawn mower", "hedge trimmer", "leaf blower",
    "garden hose", "greenhouse", "rain barrel", "barbecue", "patio heater", "hot tub",
    "swimming pool", "trampoline", "bunk bed", "mattress", "wardrobe", "bookshelf", "office chair",
    "standing desk", "sofa bed", "dining table", "curtain rail", "roller blind", "carpet",
    "bath mat", "shower cabin", "mixer tap", "water softener", "boiler", "solar panel",
    "house battery", "wall charger", "electric bike", "cargo bike", "scooter", "child seat",
    "pushchair", "roof box", "bicycle rack", "caravan awning", "camping stove", "head torch",
    "sleeping bag", "rucksack", "ski boots", "snowboard", "ice skates", "tennis racket",
    "rowing machine", "treadmill", "yoga mat", "running watch", "heart-rate strap", "headphones",
    "loudspeaker", "turntable", "piano", "guitar amplifier", "drum kit", "microphone", "projector",
    "television", "games console", "router", "laptop", "tablet", "printer", "scanner",
    "label maker", "sewing machine", "knitting frame", "pottery wheel", "easel", "aquarium",
    "bird feeder", "dog crate", "cat flap", "beehive", "telescope",
)  # fmt: skip

# What is done to it: as a customer may ask, and the word for it in the article.
_TASKS = (
    ("it is dirty, what gets it clean", "cleaning"),
    ("there is limescale in it", "descaling"),
    ("which oil goes on it and when", "oiling"),
    ("it has gone blunt", "sharpening"),
    ("can it get another colour", "painting"),
    ("it has lost its shine", "polishing"),
    ("water got into it", "drying out"),
    ("it is covered in ice", "defrosting"),
    ("how do germs get off it", "disinfecting"),
    ("it smells bad", "airing"),
    ("it got scratched", "scratch removal"),
    ("there is rust on it", "rust removal"),
    ("it came in parts", "assembly"),
    ("how does it come apart again", "taking apart"),
    ("it stands crooked", "levelling"),
    ("can it hang on a wall", "wall mounting"),
    ("must it be bolted down", "floor anchoring"),
    ("we want it in a different room", "moving"),
    ("how does it get up the stairs", "carrying"),
    ("which cable goes where", "wiring"),
    ("does it need an earth lead", "earthing"),
    ("it does not find my wireless network", "the wireless link"),
    ("my phone does not see it", "pairing"),
    ("is there newer software for it", "updating"),
    ("how do I put it back to how it came", "resetting"),
    ("it shows wrong values", "calibration"),
    ("it shows the wrong time", "the clock"),
    ("its menu is in a language I cannot read", "the menu language"),
    ("it beeps all night", "silencing"),
    ("my toddler plays with it", "the child lock"),
    ("what happens to it in a thunderstorm", "surge protection"),
    ("does it work in another country", "use abroad"),
    ("may it fly with me", "air travel"),
    ("how do I wrap it for the post", "posting"),
    ("where does it go in the cold months", "winter storage"),
    ("may it stay out in the rain", "rain cover"),
    ("it loses a lot of heat", "insulation"),
    ("it gets too warm", "ventilation"),
    ("it uses too much electricity", "saving power"),
    ("how loud is it in decibels", "noise"),
    ("how heavy is it, all in all", "weighing"),
    ("will it fit through my door", "measuring"),
    ("where does its number stand", "the serial number"),
    ("do I sign up somewhere as its owner", "registration"),
    ("can I cover it against theft", "insurance"),
    ("it broke after a year, who pays", "the warranty"),
    ("somebody should mend it", "repair"),
    ("can I mend it on my own", "home repair"),
    ("I lost a part of it", "spare parts"),
    ("the battery is flat for good", "the battery"),
    ("the fuse has blown", "the fuse"),
    ("the filter is full", "the filter"),
    ("it leaks at the rubber", "the seal"),
    ("the belt slips", "the belt"),
    ("the light in it is out", "the bulb"),
    ("the handle came off", "the handle"),
    ("it does not roll any more", "the wheels"),
    ("the plug is cracked", "the plug"),
    ("the glass in front is broken", "the screen"),
    ("I want a new cover for it", "the cover"),
    ("something on it is loose", "tightening"),
    ("it is stuck", "loosening"),
    ("it shakes and walks about", "vibration"),
    ("there is a puddle below it", "leaks"),
    ("it squeaks", "squeaks"),
    ("it switches off because it is hot", "overheating"),
    ("since the blackout it is dead", "restarting"),
    ("it will not start in frost", "cold starts"),
    ("where is the emergency stop", "emergency stops"),
    ("what comes first when it is new", "first use"),
    ("how does one use it day to day", "daily use"),
    ("can I handle it with one arm", "one-handed use"),
    ("does it work with gloves on", "use with gloves"),
    ("can I see its buttons at night", "use at night"),
    ("is it dangerous for the heart patient", "pacemakers"),
    ("is it safe for my dog", "pets"),
    ("is it alright for expecting mothers", "pregnancy"),
    ("can several flats use one", "sharing"),
    ("may somebody else have it for a while", "lending"),
    ("can I have it for a weekend only", "renting"),
    ("may I test it before I decide", "home trials"),
    ("do you have used ones", "second-hand purchase"),
    ("do you take my old one for money", "trade-in"),
    ("I want to get rid of mine for cash", "resale"),
    ("where does the old one go", "recycling"),
    ("can a charity have it", "donation"),
    ("we need thirty of them for pupils", "school orders"),
    ("our company wants some", "office orders"),
    ("can I pay month by month", "instalments"),
    ("when is it cheaper", "discounts"),
    ("I want it in gift wrap", "gift wrapping"),
    ("can my name stand on it", "engraving"),
    ("which size of it is mine", "sizes"),
    ("which colours does it come in", "colours"),
    ("which of your models is better", "comparison"),
    ("I have no instructions", "the manual"),
    ("is there a course for it", "courses"),
    ("who comes and puts it in", "fitting"),
    ("do you bring it to the fifth floor", "flat delivery"),
    ("I do not want to keep it", "returns"),
)

_OPENINGS = (
    "For {task} of your {thing} plan about {minutes} minutes and keep {tool} ready. Our workshop "
    "in {town} does it for {price} euros if you would rather not.",
    "{Task} is part of what every owner of a {thing} meets sooner or later. It takes {minutes} "
    "minutes, and all you need is {tool}. Ask for {person} in {town} if you get stuck.",
    "With the {thing}, {task} works best after {hours} hours of rest. Have {tool} at hand and "
    "reckon with {minutes} minutes.",
    "There is a kit for {task} of the {thing} under the number {code}. It costs {price} euros, "
    "holds {tool} and leaves our store in {town} within {days} days.",
)
_STEPS = (
    "Unplug or empty the {thing} and wait {minutes} minutes before you touch the {part}.",
    "Put {tool} on a dry cloth and lay the {part} beside it.",
    "Turn the {part} {turns} times to the left until the mark {code} shows.",
    "Note the value on the {part}; anything between {low} and {high} is in order.",
    "Press the {part} down for {seconds} seconds and let go only when you hear a click.",
    "Wipe the {part} with {liquid} and let it dry for {hours} hours.",
    "Hold the {thing} at an angle of {low} degrees, so that nothing runs into the {part}.",
    "Write the date on the label {code} below the {part}: the next time is in {weeks} weeks.",
    "Two people should lift it, as the {part} alone weighs {high} kilograms.",
    "Never use {liquid} on the {part}, since it clouds after {weeks} weeks.",
)
_LATER = (
    "If {task} fails, the {part} is the cause in {low} of a hundred cases.",
    "Call {person} at our desk in {town} until {hour} o'clock and give the code {code}.",
    "We look at pictures of the {part} the same day and answer within {hours} hours.",
    "A visit costs {price} euros, which we take off the bill if you buy a new {thing}.",
    "Customers from {town} get {task} of a {thing} free for {weeks} weeks after delivery.",
    "After {weeks} weeks look at the {part} again; {task} seldom holds for longer than that.",
    "The offer holds for {days} days and for one {thing} in each household.",
    "Keep the old {part}: the recycling yard in {town} pays {low} cents for it.",
    "Without the {part} the price falls by {low} euros and the wait to {days} days.",
    "Our note {code} has a drawing of the {part} and a list of all {turns} screws.",
)
_HEADINGS = (
    ("Before you begin", _STEPS),
    ("Step by step", _STEPS),
    ("What you need", _STEPS),
    ("If it does not work", _LATER),
    ("What it costs", _LATER),
    ("How often", _LATER),
    ("Who helps", _LATER),
)
_TOOLS = (
    "a soft brush", "a 5 mm hex key", "a torch", "two clamps", "a spirit level", "a cotton cloth",
    "a flat screwdriver", "rubber gloves", "a tape measure", "a wooden wedge", "a small funnel",
    "a fresh sponge", "an old towel", "a pair of pliers", "a roll of tape",
)  # fmt: skip
_PARTS = (
    "front panel", "lower hinge", "inner ring", "side cover", "drain cap", "main switch",
    "rear foot", "top lid", "locking pin", "guide rail", "steel spring", "rubber seal",
    "control knob", "air inlet", "carrying strap",
)  # fmt: skip
_LIQUIDS = (
    "lukewarm water", "vinegar", "white spirit", "soapy water", "linseed oil", "citric acid",
    "distilled water", "silicone spray", "rubbing alcohol", "beeswax",
)  # fmt: skip
_TOWNS = (
    "Almond Quay", "Birchford", "Cold Harrow", "Dunmere", "Eastwick", "Fallow Green", "Gorsefield",
    "Hythe Bridge", "Ivelstone", "Kingsmarsh", "Larkhill", "Mossley", "Northgate", "Oxbow",
    "Penrith",
)  # fmt: skip
_PEOPLE = (
    "Ada", "Bruno", "Carla", "Dario", "Edda", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira",
    "Lars", "Mona", "Nils", "Olga",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One article and a question that it answers, in other words than its title."""

    id: str
    title: str
    text: str  # Markdown without front matter
    question: str

    @property
    def file(self) -> str:
        """The article as a file of the knowledge."""
        return f"---\nid: {self.id}\ntitle: {self.title}\ntopic: help\n---\n{self.text}"


def article(number: int) -> Made:
    """Article ``number``, from 0; the same at each call. 10,000 differ in thing and task."""
    # Neighbours differ in both, so that a part of the numbers is as mixed as the whole.
    thing = _THINGS[number % 100]
    asked, task = _TASKS[(number // 100 + number) % 100]
    rng = random.Random(_SEED + number)

    def said(template: str) -> str:
        return template.format(
            thing=thing, task=task, Task=task.capitalize(), tool=rng.choice(_TOOLS),
            part=rng.choice(_PARTS), liquid=rng.choice(_LIQUIDS), town=rng.choice(_TOWNS),
            person=rng.choice(_PEOPLE), minutes=rng.randint(3, 90), seconds=rng.randint(2, 40),
            hours=rng.randint(2, 48), hour=rng.randint(2, 8), days=rng.randint(2, 30),
            weeks=rng.randint(2, 52), turns=rng.randint(2, 12), low=rng.randint(5, 60),
            high=rng.randint(61, 99), price=rng.randint(9, 240),
            code=f"{rng.choice('BCDFGHJKLM')}{rng.randint(100, 999)}",
        )  # fmt: skip

    parts = [said(rng.choice(_OPENINGS))]
    long = rng.choice((2, 3, 3, 3, 4, 5))  # sentences of a section
    for heading, sentences in rng.sample(_HEADINGS, 2 if rng.random() < 0.66 else 3):
        text = " ".join(said(s) for s in rng.sample(sentences, long))
        parts.append(f"## {heading}\n{text}")
    name = f"{thing}-{task}-{number}".replace(" ", "-").lower()
    title = f"{task.capitalize()} of your {thing}"
    body = "\n\n".join(parts) + "\n"
    return Made(name, title, body, f"About my {thing}: {asked}?")


def write(folder: Path, count: int) -> list[Made]:
    """Write the first ``count`` articles to ``folder``, unless they stand there already."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [article(number) for number in range(count)]
    there = {path.name for path in folder.iterdir()}
    for one in made:
        if f"{one.id}.md" not in there:
            (folder / f"{one.id}.md").write_text(one.file, encoding="utf-8")
    return made
