"""The files of the sample: what they hold, and what is said when they don't fit together."""

from pathlib import Path

import pytest

from microwish_local.paths import DATA
from microwish_local.pilot.district import BadSample, District, read_district
from microwish_local.pilot.totals import expected_totals

FILES = {
    "residents.csv": "ref,name,phone,address,community\nR1,周桂芬,+86 137-0002-1013,青石路2弄1号,310117001020\n",
    "staff.csv": "ref,name,phone,communities\nS1,孟晓帆,13600010001,310117001;310117005\n",
    "organisations.csv": (
        "ref,name,kind,uscc,branch_id,scope,contact_name,contact_phone,office_phone,registered_days_ago\n"
        "O1,和风邮政所党支部,party_organisation,,310117001-DZB-0008,310117001,龚立新,13900010027,021-55552084,110.05\n"
    ),
    "wishes.csv": (
        "ref,community,category,title,detail,public_title,public_detail,slots,estimated_value_fen,resident,posted_by,"
        "submitted_days_ago,reviewed_days_ago,state,reason,ended_days_ago\n"
        "W1,310117001020,goods,收音机,想听戏,,,1,12800,R1,self,30.5,29,adopted,,\n"
    ),
    "adoptions.csv": (
        "wish,organisation,claimed_days_ago,progress_note,progress_days_ago,delivered_days_ago,delivery_note,"
        "confirmed_days_ago,thanks,confirmed_by,confirm_note\n"
        "W1,O1,20,,,,,,,,\n"
    ),
}


def written(directory: Path, **changes: str) -> Path:
    for name, text in {**FILES, **{f"{key}.csv": value for key, value in changes.items()}}.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def test_rows_become_typed(tmp_path: Path) -> None:
    district = read_district(written(tmp_path))
    assert district.residents["R1"].phone == "13700021013"
    assert district.residents["R1"].signs_in
    assert district.staff[0].communities == ("310117001", "310117005")
    assert (district.organisations["O1"].uscc, district.organisations["O1"].registered) == (None, 110.05)
    wish = district.wishes[0]
    assert (wish.public_title, wish.estimated_value_fen, wish.submitted, wish.reason) == ("收音机", 12800, 30.5, None)
    assert district.adoptions["W1"][0].delivered is None


def test_a_row_that_cannot_be_read_is_named_by_file_and_line(tmp_path: Path) -> None:
    broken = FILES["wishes.csv"].replace("30.5", "a month")
    with pytest.raises(BadSample, match=r"wishes\.csv, line 2"):
        read_district(written(tmp_path, wishes=broken))


@pytest.mark.parametrize(
    ("file", "old", "new"), [("wishes", ",R1,", ",R9,"), ("adoptions", "W1,", "W9,"), ("adoptions", ",O1,", ",O9,")]
)
def test_a_ref_that_leads_nowhere_is_refused(tmp_path: Path, file: str, old: str, new: str) -> None:
    with pytest.raises(BadSample, match="9"):
        read_district(written(tmp_path, **{file: FILES[f"{file}.csv"].replace(old, new)}))


def test_staff_closest_to_a_division_look_after_it(tmp_path: Path) -> None:
    rows = "S2,陶立人,13600010012,310117001020\nS3,严若冰,13600010023,310117001\n"
    district = read_district(written(tmp_path, staff=FILES["staff.csv"] + rows))
    assert _ref(district, "310117001020") == "S2"
    assert [_ref(district, "310117001013", number) for number in range(3)] == ["S1", "S3", "S1"]
    assert _ref(district, "310117002001") is None


def test_the_sample_has_the_shape_of_the_real_half_year() -> None:
    district = read_district(DATA / "pilot")
    totals = expected_totals(district)
    assert totals.claimed == 344
    assert totals.organisations == {"party_organisation": 79, "resident_unit": 34}


def _ref(district: District, code: str, number: int = 0) -> str | None:
    staff = district.staff_of(code, number)
    return staff.ref if staff else None
