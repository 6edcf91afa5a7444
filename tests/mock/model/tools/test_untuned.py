"""Tool choice and arguments on cases that nobody tuned for: written after the code, and not looked at while it changes.

Each case has the tools of its domain, a request, and the call that a reader expects: the tool and the arguments that
the request tells. What a case does not name may be there too. The figure is a floor; a change that lowers it is a loss.
"""

from __future__ import annotations

from typing import Any

import pytest

from helpers.mock.messages import Message
from helpers.mock.model.tools.turn import Turn

FLOOR = 0.85
"""Of the first 62 cases 77 % were right before anything was mended by them, of the 26 LATER ones, which were written
after that and mended nothing, 88 %."""


def tool(name: str, description: str, /, **properties: Any) -> dict[str, Any]:
    """A tool; a property is its type, or its choices; a name with a trailing underscore is optional."""
    parts = {
        key.rstrip("_"): {"type": "string", "enum": part} if isinstance(part, list) else {"type": part}
        for key, part in properties.items()
    }
    parameters = {
        "type": "object",
        "properties": parts,
        "required": [key for key in properties if not key.endswith("_")],
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


S, W, N = "string", "integer", "number"
DOMAINS: dict[str, list[dict[str, Any]]] = {
    "bees": [
        tool("inspect_hive", "Shows the last inspection of a beehive", hive_id=S),
        tool("record_harvest", "Records how much honey was harvested from a hive", hive_id=S, kilograms=N),
        tool("list_apiaries", "Lists all apiaries of the beekeeper"),
    ],
    "vet": [
        tool("find_patient", "Finds an animal in the records of the practice by its name", name=S),
        tool("book_vaccination", "Books a vaccination for an animal", name=S, vaccine=["rabies", "distemper"], date=S),
        tool("opening_hours", "Tells when the practice is open"),
    ],
    "library": [
        tool("search_catalogue", "Searches the catalogue of the library", query=S),
        tool("renew_loan", "Renews the loan of a book", loan_number=S),
        tool("reserve_title", "Reserves a book that is lent out", title=S, branch=["north", "harbour", "castle"]),
    ],
    "cluster": [
        tool("get_pods", "Lists the pods of a namespace", namespace=S),
        tool("scale_deployment", "Sets how many replicas a deployment has", deployment=S, replicas=W),
        tool("restart_deployment", "Restarts a deployment", deployment=S),
        tool("cluster_health", "Tells whether the cluster is healthy"),
    ],
    "gym": [
        tool("list_classes", "Lists the classes of a day", day=["monday", "wednesday", "saturday"]),
        tool("join_class", "Enrols a member in a class", class_name=S, member_email=S),
        tool("freeze_membership", "Freezes a membership for some months", months=W),
    ],
    "stars": [
        tool("moon_phase", "Gives the phase of the moon on a day", date=S),
        tool("planet_visibility", "Tells whether a planet is visible from a place", planet=S, city=S),
        tool("next_eclipse", "Tells when the next eclipse is", kind=["solar", "lunar"]),
    ],
    "claims": [
        tool("open_claim", "Opens an insurance claim", policy_number=S, damage=S),
        tool("claim_status", "Tells how far a claim is", claim_id=S),
        tool("upload_receipt", "Attaches a receipt to a claim", claim_id=S, file_path=S),
    ],
    "farm": [
        tool("soil_moisture", "Measures the moisture of the soil of a field", field=S),
        tool("start_irrigation", "Waters a field for some minutes", field=S, minutes=W),
        tool("stop_irrigation", "Stops watering a field", field=S),
    ],
    "charging": [
        tool("find_chargers", "Finds charging stations for electric cars near a place", city=S),
        tool("start_charging", "Starts charging at a station", station_id=S, kilowatts_=N),
        tool("charging_cost", "Computes what a charge costs", kilowatt_hours=N),
    ],
    "school": [
        tool("get_timetable", "Shows the timetable of a class", class_name=S),
        tool("enter_grade", "Enters the grade of a pupil", pupil=S, subject=["maths", "history", "biology"], grade=W),
        tool("report_absence", "Reports that a pupil is absent", pupil=S, date=S),
    ],
    "kitchen": [
        tool("scale_recipe", "Scales a recipe to so many servings", recipe=S, servings=W),
        tool("substitute_for", "Suggests what an ingredient can be replaced with", ingredient=S),
        tool("set_oven", "Heats the oven to a temperature", degrees=W),
    ],
    "network": [
        tool("ping_host", "Pings a host", host=S),
        tool("block_address", "Blocks an address in the firewall", ip_address=S),
        tool("bandwidth_usage", "Tells how much bandwidth was used"),
    ],
    "museum": [
        tool("find_exhibit", "Finds in which room an exhibit is shown", exhibit=S),
        tool("book_tour", "Books a guided tour", language=["english", "german", "italian"], visitors=W, date=S),
        tool("ticket_prices", "Lists the prices of tickets"),
    ],
    "hr": [
        tool("vacation_days_left", "Tells how many days of vacation an employee has left", employee=S),
        tool("request_leave", "Requests leave", start_date=S, end_date=S),
        tool("get_payslip", "Gets the payslip of a month", month=S),
    ],
    "podcast": [
        tool("play_episode", "Plays an episode of a podcast", podcast=S, episode_=W),
        tool("set_speed", "Sets the speed of playback", speed=N),
        tool("download_episodes", "Downloads the newest episodes of a podcast", podcast=S, count=W),
    ],
}

NONE: dict[str, Any] = {}
CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("bees", "What did we see at the last inspection of hive H-12?", "inspect_hive", {"hive_id": "H-12"}),
    (
        "bees",
        "We harvested 14.5 kilograms of honey from hive H-7.",
        "record_harvest",
        {"hive_id": "H-7", "kilograms": 14.5},
    ),
    ("bees", "Which apiaries do I have?", "list_apiaries", {}),
    ("bees", "Please record a harvest of 9 kilograms for hive B3", "record_harvest", {"hive_id": "B3", "kilograms": 9}),
    ("bees", "Thank you, that was all.", "", NONE),
    ("vet", "Do you have an animal called Bruno in the records?", "find_patient", {"name": "Bruno"}),
    (
        "vet",
        "Book a rabies vaccination for Mimi on 12 March 2026",
        "book_vaccination",
        {"name": "Mimi", "vaccine": "rabies", "date": "2026-03-12"},
    ),
    ("vet", "When are you open?", "opening_hours", {}),
    ("vet", "Find the patient Luna", "find_patient", {"name": "Luna"}),
    (
        "library",
        "Search the catalogue for books on medieval bridges",
        "search_catalogue",
        {"query": "books on medieval bridges"},
    ),
    ("library", "Renew loan L-88213, please", "renew_loan", {"loan_number": "L-88213"}),
    (
        "library",
        'Reserve "The Glass Orchard" at the harbour branch',
        "reserve_title",
        {"title": "The Glass Orchard", "branch": "harbour"},
    ),
    ("library", "Could you extend my loan with the number 40771?", "renew_loan", {"loan_number": "40771"}),
    ("cluster", "Which pods run in the namespace billing?", "get_pods", {"namespace": "billing"}),
    (
        "cluster",
        "Scale the deployment checkout to 5 replicas",
        "scale_deployment",
        {"deployment": "checkout", "replicas": 5},
    ),
    ("cluster", "Is the cluster healthy?", "cluster_health", {}),
    ("cluster", "Restart the deployment search-api", "restart_deployment", {"deployment": "search-api"}),
    ("cluster", "List the pods of the namespace kube-system", "get_pods", {"namespace": "kube-system"}),
    ("gym", "Which classes are there on Saturday?", "list_classes", {"day": "saturday"}),
    (
        "gym",
        "Enrol ana@lopez.example in the class Pilates",
        "join_class",
        {"class_name": "Pilates", "member_email": "ana@lopez.example"},
    ),
    ("gym", "I want to freeze my membership for 3 months", "freeze_membership", {"months": 3}),
    ("gym", "What is on on Wednesday?", "list_classes", {"day": "wednesday"}),
    ("stars", "What is the phase of the moon on 1 May 2026?", "moon_phase", {"date": "2026-05-01"}),
    ("stars", "Is Saturn visible from Lisbon?", "planet_visibility", {"planet": "Saturn", "city": "Lisbon"}),
    ("stars", "When is the next lunar eclipse?", "next_eclipse", {"kind": "lunar"}),
    ("stars", "Can I see Jupiter from Quito tonight?", "planet_visibility", {"planet": "Jupiter", "city": "Quito"}),
    ("claims", "How far is claim C-2231?", "claim_status", {"claim_id": "C-2231"}),
    (
        "claims",
        "Attach receipts/march.pdf to claim C-90",
        "upload_receipt",
        {"claim_id": "C-90", "file_path": "receipts/march.pdf"},
    ),
    (
        "claims",
        "Open a claim for policy P-5567, the damage is a broken window",
        "open_claim",
        {"policy_number": "P-5567"},
    ),
    ("claims", "What is the status of my claim C-17?", "claim_status", {"claim_id": "C-17"}),
    ("farm", "How moist is the soil of the field Hillside?", "soil_moisture", {"field": "Hillside"}),
    ("farm", "Water the field Hillside for 25 minutes", "start_irrigation", {"field": "Hillside", "minutes": 25}),
    ("farm", "Stop watering the field Riverbank", "stop_irrigation", {"field": "Riverbank"}),
    ("farm", "Start irrigation of the field Oaks for 10 minutes", "start_irrigation", {"field": "Oaks", "minutes": 10}),
    ("farm", "Who invented the plough?", "", NONE),
    ("charging", "Where can I charge my car in Turin?", "find_chargers", {"city": "Turin"}),
    ("charging", "Start charging at station ST-400", "start_charging", {"station_id": "ST-400"}),
    ("charging", "What do 42 kilowatt hours cost?", "charging_cost", {"kilowatt_hours": 42}),
    ("charging", "Find charging stations near Malmö", "find_chargers", {"city": "Malmö"}),
    ("school", "Show me the timetable of class 7b", "get_timetable", {"class_name": "7b"}),
    (
        "school",
        "Enter a 2 in history for Jonas Keller",
        "enter_grade",
        {"pupil": "Jonas Keller", "subject": "history", "grade": 2},
    ),
    (
        "school",
        "Mia Brandt is absent on 3 February 2026",
        "report_absence",
        {"pupil": "Mia Brandt", "date": "2026-02-03"},
    ),
    (
        "school",
        "Report the absence of Tim Vogt on 9 April 2026",
        "report_absence",
        {"pupil": "Tim Vogt", "date": "2026-04-09"},
    ),
    ("kitchen", "Scale the recipe for lasagne to 8 servings", "scale_recipe", {"servings": 8}),
    ("kitchen", "What can I use in place of buttermilk?", "substitute_for", {"ingredient": "buttermilk"}),
    ("kitchen", "Heat the oven to 220 degrees", "set_oven", {"degrees": 220}),
    ("kitchen", "Set the oven to 180", "set_oven", {"degrees": 180}),
    ("kitchen", "Good morning!", "", NONE),
    ("network", "Ping db1.internal.example", "ping_host", {"host": "db1.internal.example"}),
    ("network", "Block 203.0.113.7 in the firewall", "block_address", {"ip_address": "203.0.113.7"}),
    ("network", "How much bandwidth did we use?", "bandwidth_usage", {}),
    ("museum", "In which room is the Nebra sky disc?", "find_exhibit", {"exhibit": "Nebra sky disc"}),
    (
        "museum",
        "Book a tour in Italian for 12 visitors on 5 June 2026",
        "book_tour",
        {"language": "italian", "visitors": 12, "date": "2026-06-05"},
    ),
    ("museum", "What do tickets cost?", "ticket_prices", {}),
    (
        "museum",
        "A German tour for 6 visitors on 8 August 2026, please",
        "book_tour",
        {"language": "german", "visitors": 6, "date": "2026-08-08"},
    ),
    ("hr", "How many days of vacation has Priya Nair left?", "vacation_days_left", {"employee": "Priya Nair"}),
    (
        "hr",
        "Request leave from 3 August 2026 to 14 August 2026",
        "request_leave",
        {"start_date": "2026-08-03", "end_date": "2026-08-14"},
    ),
    ("hr", "Get my payslip of October", "get_payslip", {"month": "October"}),
    (
        "podcast",
        'Play episode 12 of the podcast "Deep Water"',
        "play_episode",
        {"podcast": "Deep Water", "episode": 12},
    ),
    ("podcast", "Set the speed to 1.5", "set_speed", {"speed": 1.5}),
    (
        "podcast",
        'Download the newest 3 episodes of "Night Trains"',
        "download_episodes",
        {"podcast": "Night Trains", "count": 3},
    ),
    ("podcast", "I like podcasts about trains.", "", NONE),
]


LATER_DOMAINS: dict[str, list[dict[str, Any]]] = {
    "harbour": [
        tool("berth_status", "Tells whether a berth is free", berth=S),
        tool("reserve_berth", "Reserves a berth for a ship", berth=S, ship=S),
        tool("tide_times", "Gives the times of high tide on a day", date=S),
    ],
    "theatre": [
        tool("list_plays", "Lists the plays of the season"),
        tool("seat_price", "Tells what a seat of a category costs", category=["stalls", "balcony", "box"]),
        tool("buy_tickets", "Buys tickets for a play", play=S, seats=W),
    ],
    "lab": [
        tool("start_centrifuge", "Starts the centrifuge at a speed for some minutes", rpm=W, minutes=W),
        tool("sample_status", "Tells where a sample is", sample_id=S),
        tool("order_reagent", "Orders a reagent from the store", reagent=S, millilitres=N),
    ],
    "post": [
        tool("track_letter", "Tracks a registered letter", tracking_number=S),
        tool("find_post_office", "Finds the nearest post office", city=S),
        tool("postage", "Computes the postage for a weight", grams=W),
    ],
    "garden": [
        tool("plant_advice", "Tells how to care for a plant", plant=S),
        tool("frost_warning", "Tells whether frost is expected in a place", city=S),
        tool("add_to_diary", "Writes a note into the garden diary", note=S),
    ],
    "car": [
        tool("lock_doors", "Locks or unlocks the doors", action=["lock", "unlock"]),
        tool("tyre_pressure", "Tells the pressure of the tyres"),
        tool("navigate_to", "Starts navigation to a place", destination=S),
        tool("set_cabin_temperature", "Sets the temperature of the cabin", celsius=N),
    ],
}
LATER: list[tuple[str, str, str, dict[str, Any]]] = [
    ("harbour", "Is berth B14 free?", "berth_status", {"berth": "B14"}),
    ("harbour", 'Reserve berth A3 for the ship "Albatross"', "reserve_berth", {"berth": "A3", "ship": "Albatross"}),
    ("harbour", "When is high tide on 2 July 2026?", "tide_times", {"date": "2026-07-02"}),
    ("harbour", "What a lovely harbour.", "", NONE),
    ("theatre", "Which plays are on this season?", "list_plays", {}),
    ("theatre", "What does a seat on the balcony cost?", "seat_price", {"category": "balcony"}),
    ("theatre", 'Buy 4 tickets for "The Cherry Orchard"', "buy_tickets", {"play": "The Cherry Orchard", "seats": 4}),
    ("theatre", "Who wrote The Cherry Orchard?", "", NONE),
    ("lab", "Start the centrifuge at 3000 rpm for 15 minutes", "start_centrifuge", {"rpm": 3000, "minutes": 15}),
    ("lab", "Where is sample S-441?", "sample_status", {"sample_id": "S-441"}),
    ("lab", "Order 250 millilitres of ethanol", "order_reagent", {"reagent": "ethanol", "millilitres": 250}),
    ("lab", "Good night", "", NONE),
    ("post", "Track letter RR123456785DE", "track_letter", {"tracking_number": "RR123456785DE"}),
    ("post", "Where is the nearest post office in Graz?", "find_post_office", {"city": "Graz"}),
    ("post", "How much is the postage for 480 grams?", "postage", {"grams": 480}),
    ("post", "My letter has the tracking number XY-7781. Where is it?", "track_letter", {"tracking_number": "XY-7781"}),
    ("garden", "How do I care for an orchid?", "plant_advice", {"plant": "orchid"}),
    ("garden", "Will there be frost in Innsbruck tonight?", "frost_warning", {"city": "Innsbruck"}),
    ("garden", 'Write into the diary: "Planted the tulips"', "add_to_diary", {"note": "Planted the tulips"}),
    ("garden", "Is frost expected in Oulu?", "frost_warning", {"city": "Oulu"}),
    ("car", "Unlock the doors", "lock_doors", {"action": "unlock"}),
    ("car", "What is the pressure of my tyres?", "tyre_pressure", {}),
    ("car", "Navigate to Heidelberg", "navigate_to", {"destination": "Heidelberg"}),
    ("car", "Set the cabin to 21 degrees", "set_cabin_temperature", {"celsius": 21}),
    ("car", "Please lock the car", "lock_doors", {"action": "lock"}),
    ("car", "Take me to Verona", "navigate_to", {"destination": "Verona"}),
]


def right(domain: str, text: str, name: str, arguments: dict[str, Any]) -> bool:
    calls = Turn((DOMAINS | LATER_DOMAINS)[domain], [Message("user", text)]).calls()
    if not name:
        return not calls
    told = [call.arguments for call in calls if call.name == name]
    return len(calls) == 1 and bool(told) and all(told[0].get(key) == value for key, value in arguments.items())


def figure(cases: list[tuple[str, str, str, dict[str, Any]]]) -> float:
    """The part of the cases that are right."""
    return sum(right(*case) for case in cases) / len(cases)


def test_most_of_what_nobody_tuned_for_is_called_right():
    assert len(CASES) >= 60
    assert figure([*CASES, *LATER]) >= FLOOR


@pytest.mark.parametrize("domain", DOMAINS)
def test_thanks_call_nothing_in_any_domain(domain: str):
    assert Turn(DOMAINS[domain], [Message("user", "Thank you!")]).calls() == []
