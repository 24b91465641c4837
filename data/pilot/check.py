"""Check the pilot data set against every rule that its README states.

Run from anywhere: `python data/pilot/check.py`. Reads the CSV files beside this script and the community tree in the
folder above it, prints one line per fault and a summary, and exits 1 when there is any fault, else 0.
Ages are in days before the day of loading, so a larger number is an earlier moment.
"""

from __future__ import annotations

import csv
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from stdnum.cn import uscc

HERE = Path(__file__).resolve().parent
Row = dict[str, str]

STREETS = ("310117001", "310117005")
CATEGORIES = {"goods", "service", "companionship", "study", "medical", "repair", "other"}
UNCLAIMED = {"submitted": 8, "posted": 12, "returned": 3, "rejected": 3, "withdrawn": 2, "taken_down": 1, "closed": 1}
WITH_REASON = {"returned", "rejected", "withdrawn", "taken_down", "closed"}
ENDED = {"withdrawn", "taken_down", "closed"}
ORGANISATIONS = {"party_organisation": 79, "resident_unit": 34}
CLAIMED_WISHES, MULTI_SLOT = 344, (20, 30)
HALF_YEAR_DAYS, LEASE_DAYS, ACTIVE_DAYS = 184.0, 15.0, 12.0
SUBMITTED_DAYS, POSTED_DAYS, MAX_ACTIVE, VALUE_CEILING_FEN = 3.0, 20.0, 5, 50_000
ADMIN_PHONE = "13800000000"
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"021-\d{8}")

# Design section 9: what may not stand on the wall (living alone, illness, disability, absence, a timetable) ...
PRIVATE = (
    "独居|一个人住|一个人过|独自|空巢|孤老|丧偶|去世|老伴走|没人在家|不在家|家里没人(?![会懂看])|出差|夜班|上班|外地|国外|"
    "患病|生病|[^毛]病[^句]|癌|化疗|手术|开刀|开过刀|住院|出院|吸氧|(?<!手机)支架|糖尿|血糖|高血压|心脏|中风|偏瘫|白内障|青光眼|"
    "痴呆|失智|阿尔茨海默|抑郁|哮喘|关节炎|残疾|残障|残废|失明|耳聋|聋|哑巴|轮椅|低保|失业|下岗|坐牢|"
    "每周[一二三四五六日]|星期[一二三四五六日]|周[一二三四五六日]|[一二三四五六七八九十两]点半?[到至回放下去]|白天没"
)
# ... and what no wish may ask for (the system takes no money), nor carry (ways to reach a person).
MONEY = "现金|贷款|借款|借钱|银行卡|购物卡|充值|汇款|转账|红包|打钱|微信支付|付款码"
REACHABLE = r"\d{7,}|\d+弄|\d+号\d|\d+室"
FORBIDDEN_PUBLIC = re.compile(f"{PRIVATE}|{MONEY}|{REACHABLE}")
FORBIDDEN_ANYWHERE = re.compile(MONEY)


class Report:
    """Faults found so far; one printed line each."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def expect(self, condition: bool, fault: str) -> None:
        """Note `fault` unless `condition` holds."""
        if not condition:
            self.faults.append(fault)


def read(name: str) -> list[Row]:
    """Rows of a CSV file beside this script; a missing file or column ends the check at once."""
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def age(row: Row, column: str) -> float | None:
    """Days before loading, or None where the step has not happened."""
    return float(row[column]) if row[column] else None


def expect_unique(report: Report, what: str, values: Iterable[str]) -> None:
    """Every value that is not empty stands once."""
    repeated = [value for value, times in Counter(v for v in values if v).items() if times > 1]
    report.expect(not repeated, f"{what} repeated: {repeated[:5]}")


def check_texts(report: Report, wishes: list[Row]) -> None:
    """Lengths, no two alike, and section 9 on what the wall shows."""
    for column in ("title", "detail", "public_title", "public_detail"):
        expect_unique(report, f"wishes.{column}", (w[column] for w in wishes))
        low, high = (1, 30) if "title" in column else (10, 120)
        for wish in wishes:
            report.expect(low <= len(wish[column]) <= high, f"{wish['ref']} {column}: {len(wish[column])} characters")
            found = (FORBIDDEN_PUBLIC if "public" in column else FORBIDDEN_ANYWHERE).search(wish[column])
            report.expect(found is None, f"{wish['ref']} {column}: {found and found[0]!r} in {wish[column]}")


def check_wish_fields(report: Report, wishes: list[Row], residents: list[Row], codes: set[str]) -> None:
    """References, codes, enumerations, values, reasons."""
    home = {r["ref"]: r for r in residents}
    expect_unique(report, "wishes.ref", (w["ref"] for w in wishes))
    for wish in wishes:
        ref, owner = wish["ref"], home.get(wish["resident"])
        report.expect(wish["community"] in codes, f"{ref}: community {wish['community']} is not in the tree")
        report.expect(wish["community"].startswith(STREETS), f"{ref}: community outside of the two streets")
        report.expect(owner is not None and owner["community"] == wish["community"], f"{ref}: not the resident's home")
        report.expect(wish["category"] in CATEGORIES, f"{ref}: category {wish['category']}")
        report.expect(wish["posted_by"] in ("self", "staff"), f"{ref}: posted_by {wish['posted_by']}")
        if owner and wish["posted_by"] == "self":
            report.expect(bool(MOBILE.fullmatch(owner["phone"])), f"{ref}: posted by self without a mobile")
        report.expect(1 <= int(wish["slots"]) <= 4, f"{ref}: slots {wish['slots']}")
        value = wish["estimated_value_fen"]
        report.expect(not value or 0 < int(value) < VALUE_CEILING_FEN, f"{ref}: value {value}")
        report.expect(bool(wish["reason"]) == (wish["state"] in WITH_REASON), f"{ref}: reason and state disagree")
        report.expect(bool(wish["ended_days_ago"]) == (wish["state"] in ENDED), f"{ref}: end and state disagree")


def check_wish_times(report: Report, wish: Row, claimed: bool) -> None:
    """Submitted, reviewed, ended in this order, inside the half year; the open ones recent."""
    ref, state = wish["ref"], wish["state"]
    submitted, reviewed, ended = (age(wish, f"{step}_days_ago") for step in ("submitted", "reviewed", "ended"))
    if submitted is None:
        report.expect(False, f"{ref}: never submitted")
        return
    report.expect(0 < submitted <= HALF_YEAR_DAYS, f"{ref}: submitted {submitted} days ago")
    report.expect((reviewed is None) == (state == "submitted"), f"{ref}: review and state disagree")
    report.expect(reviewed is None or submitted >= reviewed >= 0, f"{ref}: reviewed before submitted")
    report.expect(ended is None or (reviewed or 0) >= ended >= 0, f"{ref}: ended before reviewed")
    if state == "submitted":
        report.expect(submitted <= SUBMITTED_DAYS, f"{ref}: waits for review since {submitted} days")
    if state == "posted" and not claimed:
        report.expect((reviewed or 0) <= POSTED_DAYS, f"{ref}: open since {reviewed} days")


def check_adoption_times(report: Report, wish: Row, adoption: Row) -> None:
    """Each step after the one before; delivery inside the lease; what is active was claimed lately."""
    where = f"{adoption['wish']} by {adoption['organisation']}"
    steps = ("claimed", "progress", "delivered", "confirmed")
    days = (age(wish, "reviewed_days_ago"), *(age(adoption, f"{step}_days_ago") for step in steps))
    known = [day for day in days if day is not None]
    in_order = all(earlier >= later for earlier, later in pairwise(known))
    report.expect(in_order and known[-1] >= 0, f"{where}: order {known}")
    claimed, delivered = age(adoption, "claimed_days_ago"), age(adoption, "delivered_days_ago")
    confirmed = age(adoption, "confirmed_days_ago")
    if claimed is None:
        report.expect(False, f"{where}: never claimed")
        return
    if delivered is None:
        report.expect(claimed <= ACTIVE_DAYS, f"{where}: active since {claimed} days")
        report.expect(confirmed is None, f"{where}: confirmed, not delivered")
    else:
        report.expect(claimed - delivered <= LEASE_DAYS, f"{where}: delivered after the lease")
    for column, told in (("progress_note", "progress_days_ago"), ("delivery_note", "delivered_days_ago")):
        report.expect(bool(adoption[column]) == bool(adoption[told]), f"{where}: {column} and its day disagree")
    check_confirmation(report, wish, adoption, where, confirmed is not None)


def check_confirmation(report: Report, wish: Row, adoption: Row, where: str, confirmed: bool) -> None:
    """Who confirmed: staff always for what staff posted, and then with a note."""
    by, note = adoption["confirmed_by"], adoption["confirm_note"]
    report.expect(by in (("self", "staff") if confirmed else ("",)), f"{where}: confirmed_by {by!r}")
    report.expect(bool(note) == (by == "staff"), f"{where}: confirm_note goes with staff")
    report.expect(confirmed or not adoption["thanks"], f"{where}: thanks without confirmation")
    if confirmed and wish["posted_by"] == "staff":
        report.expect(by == "staff", f"{where}: posted by staff, confirmed by {by}")


def state_of(wish: Row, adoptions: list[Row]) -> str:
    """The state that the adoptions lead to (design, section 3)."""
    if len(adoptions) < int(wish["slots"]):
        return "posted"
    if all(a["confirmed_days_ago"] for a in adoptions):
        return "fulfilled"
    return "delivered" if all(a["delivered_days_ago"] for a in adoptions) else "adopted"


def check_claims(report: Report, wishes: list[Row], adoptions: list[Row]) -> None:
    """Slots, no organisation twice on a wish, states, totals."""
    by_ref = {w["ref"]: w for w in wishes}
    held: dict[str, list[Row]] = defaultdict(list)
    for adoption in adoptions:
        report.expect(adoption["wish"] in by_ref, f"adoption of unknown wish {adoption['wish']}")
        held[adoption["wish"]].append(adoption)
    report.expect(len(held) == CLAIMED_WISHES, f"{len(held)} wishes claimed, not {CLAIMED_WISHES}")
    for wish in wishes:
        mine = held.get(wish["ref"], [])
        report.expect(len(mine) <= int(wish["slots"]), f"{wish['ref']}: more adoptions than slots")
        expect_unique(report, f"{wish['ref']}: organisation", (a["organisation"] for a in mine))
        if mine:
            expected = state_of(wish, mine)
            report.expect(wish["state"] == expected, f"{wish['ref']}: {wish['state']}, should be {expected}")
        check_wish_times(report, wish, bool(mine))
        for adoption in mine:
            check_adoption_times(report, wish, adoption)
    unclaimed = Counter(w["state"] for w in wishes if w["ref"] not in held)
    report.expect(dict(unclaimed) == UNCLAIMED, f"unclaimed: {dict(unclaimed)}")
    for column in ("delivery_note", "progress_note", "thanks"):
        expect_unique(report, f"adoptions.{column}", (a[column] for a in adoptions))


def check_organisations(report: Report, organisations: list[Row], adoptions: list[Row]) -> None:
    """Kinds, codes, phones; each claims, none before its registration, none with more than five active at once."""
    report.expect(Counter(o["kind"] for o in organisations) == ORGANISATIONS, "organisations: wrong number of a kind")
    for column in ("ref", "name", "uscc", "branch_id", "contact_phone", "office_phone"):
        expect_unique(report, f"organisations.{column}", (o[column] for o in organisations))
    claims: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for a in adoptions:
        claims[a["organisation"]].append((float(a["claimed_days_ago"]), age(a, "delivered_days_ago") or 0.0))
    report.expect(claims.keys() == {o["ref"] for o in organisations}, "an organisation without a claim, or unknown")
    for organisation in organisations:
        ref, mine = organisation["ref"], claims[organisation["ref"]]
        check_identity(report, organisation)
        first = max((start for start, _ in mine), default=0.0)
        report.expect(float(organisation["registered_days_ago"]) > first, f"{ref}: claims before it is registered")
        active = max((sum(s >= start >= e for s, e in mine) for start, _ in mine), default=0)
        report.expect(active <= MAX_ACTIVE, f"{ref}: {active} active adoptions at once")


def check_identity(report: Report, organisation: Row) -> None:
    """A credit code (GB 32100-2015, region inside 310117) or a branch identifier, never both."""
    ref, code, branch, scope = (organisation[c] for c in ("ref", "uscc", "branch_id", "scope"))
    report.expect(bool(code) != bool(branch), f"{ref}: needs either a credit code or a branch identifier")
    report.expect(not code or (uscc.is_valid(code) and code[2:8] == "310117"), f"{ref}: credit code {code}")
    report.expect(not branch or organisation["kind"] == "party_organisation", f"{ref}: a unit with a branch identifier")
    report.expect(not branch or bool(re.fullmatch(rf"{scope}-DZB-\d{{4}}", branch)), f"{ref}: branch {branch}")
    report.expect(scope in (*STREETS, "310117"), f"{ref}: scope {scope}")
    report.expect(bool(MOBILE.fullmatch(organisation["contact_phone"])), f"{ref}: manager's phone")
    report.expect(bool(LANDLINE.fullmatch(organisation["office_phone"])), f"{ref}: office phone")
    report.expect(bool(organisation["contact_name"]), f"{ref}: no contact")


def check_people(
    report: Report, residents: list[Row], staff: list[Row], organisations: list[Row], codes: set[str]
) -> None:
    """Phones unique over everybody, addresses unique, staff prefixes real and both streets covered."""
    phones = [r["phone"] for r in residents] + [s["phone"] for s in staff] + [o["contact_phone"] for o in organisations]
    expect_unique(report, "phone", phones)
    report.expect(ADMIN_PHONE not in phones, "the admin's phone is somebody else's")
    for column in ("ref", "name", "address"):
        expect_unique(report, f"residents.{column}", (r[column] for r in residents))
    for r in residents:
        report.expect(bool(MOBILE.fullmatch(r["phone"]) or LANDLINE.fullmatch(r["phone"])), f"{r['ref']}: {r['phone']}")
        report.expect(r["community"] in codes, f"{r['ref']}: community {r['community']}")
    report.expect(4 <= len(staff) <= 6, f"{len(staff)} staff")
    covered = {prefix for s in staff for prefix in s["communities"].split(";")}
    report.expect(covered <= codes and covered.issuperset(STREETS), f"staff communities: {covered}")
    report.expect(all(MOBILE.fullmatch(s["phone"]) for s in staff), "staff phones are mobiles")


def summary(wishes: list[Row], adoptions: list[Row], organisations: list[Row], residents: list[Row]) -> str:
    """The figures that the charts will show."""
    first = {a["wish"]: float(a["claimed_days_ago"]) for a in reversed(adoptions)}
    waits = [float(w["reviewed_days_ago"]) - first[w["ref"]] for w in wishes if w["ref"] in first]
    edited = sum((w["title"], w["detail"]) != (w["public_title"], w["public_detail"]) for w in wishes)
    own = sum(w["posted_by"] == "self" for w in wishes)
    multi = sum(int(w["slots"]) > 1 for w in wishes)
    months = Counter(int(float(w["submitted_days_ago"]) // 30.5) for w in wishes)
    with_code = dict(Counter(o["kind"] for o in organisations if o["uscc"]))
    lines = [
        f"wishes {len(wishes)}, claimed {len(first)}, adoptions {len(adoptions)}, residents {len(residents)}",
        f"states {dict(Counter(w['state'] for w in wishes))}",
        f"categories {dict(Counter(w['category'] for w in wishes))}",
        f"organisations {dict(Counter(o['kind'] for o in organisations))}, with a credit code {with_code}",
        f"edited for the wall {edited / len(wishes):.0%}, posted by themselves {own / len(wishes):.0%}",
        f"communities {len({w['community'] for w in wishes})}, with several slots {multi}",
        f"days from posted to first claim, median {statistics.median(waits):.2f}",
        f"submitted per month, oldest first {[months[m] for m in sorted(months, reverse=True)]}",
    ]
    return "\n".join(lines)


def main() -> int:
    """Check everything; returns the exit code."""
    report = Report()
    names = ("wishes", "adoptions", "organisations", "residents", "staff")
    wishes, adoptions, organisations, residents, staff = (read(f"{name}.csv") for name in names)
    codes = {row["code"] for row in read("../communities-310117.csv")}
    check_texts(report, wishes)
    check_wish_fields(report, wishes, residents, codes)
    check_claims(report, wishes, adoptions)
    check_organisations(report, organisations, adoptions)
    check_people(report, residents, staff, organisations, codes)
    multi = sum(int(w["slots"]) > 1 for w in wishes)
    report.expect(MULTI_SLOT[0] <= multi <= MULTI_SLOT[1], f"{multi} wishes with several slots")
    report.expect({w["category"] for w in wishes} == CATEGORIES, "a category without a wish")
    lines = [summary(wishes, adoptions, organisations, residents), *(f"FAULT {fault}" for fault in report.faults)]
    sys.stdout.write("\n".join([*lines, f"{len(report.faults)} faults", ""]))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
