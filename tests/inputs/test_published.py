"""Official files as their publishers print them, under any name."""

import os
from pathlib import Path
from shutil import copyfile
from zipfile import ZipFile

import duckdb
import pandas as pd
import pytest
from openpyxl import Workbook

from sendanalysis.display import national_phrases
from sendanalysis.inputs.official_layouts import declared
from sendanalysis.inputs.published import read_published
from sendanalysis.measures import national
from sendanalysis.methods.periods import reporting_period
from sendanalysis.methods.rounding import half_up_pct

REAL = Path(os.environ.get("SENDANALYSIS_REAL", "absent"))
CODES = {"la": "E06000033", "icb": "Mid and South Essex"}
PLACE = "time_period,geographic_level,country_code,country_name,region_code,region_name,new_la_code,old_la_code,la_name"
ENGLAND = "2024,National,E92000001,England,,,,,"
REGION = "2024,Regional,E92000001,England,E12000006,East of England,,,"
OWN = "2024,Local authority,E92000001,England,E12000006,East of England,E06000033,882,Southend-on-Sea"
COUNTS = "plans_issued_den,plans_issued_den_ex,plans_issued_within_20_weeks,plans_issued_20_weeks_ex"
SHARES = "pc_plans_issued_within_20_weeks,PC_plans_issued_20_weeks_ex"
REVIEWS = (
    "review_expected,review_meeting_prior_24,review_meeting_prior_24,number_decsion_4weeks,number_decision_gt_4weeks"
)
SERVICE = "(CYP) Community paediatric service"
BANDS = ("0-1", ">1-2", ">2-4", ">4-12", ">12-18", ">18-52", "over 52")


def timeliness(own=OWN, counts="299,299,48,48,16.1,16.1", label="All EHC plans issued"):
    lines = [f"{PLACE},breakdown,{COUNTS},{SHARES}"]
    lines += [f"{place},{label},1000,900,464,450,46.4,50" for place in (ENGLAND, REGION)]
    return "\n".join([*lines, f"{own},{label},{counts}", f"{own},age 10,x,x,x,x,x,x"]) + "\n"


def read(folder, codes=CODES, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return read_published(folder, "Southend-on-Sea", codes)


def figures(found):
    own = found.tables["official"]
    return own[own["own"]].set_index("measure")[["n", "of"]].agg(tuple, axis=1).to_dict()


def test_a_file_is_known_by_its_headings_whatever_its_name(tmp_path):
    found = read(tmp_path, download_7=timeliness())
    assert not found.faults
    assert figures(found)["within_20_weeks"] == ("48", "299")
    assert len(found.tables["timeliness_20_week"]) == 4


def test_the_headings_and_label_of_2026_give_the_figures_of_2025(tmp_path):
    text = timeliness(label="All EHC plans").replace("PC_plans", "pc_plans").splitlines()
    weeks = ["avg_weeks_issue_plan,avg_weeks_issue_plan_exc", *["31.5,31.2"] * (len(text) - 1)]
    found = read(tmp_path, new="\n".join(f"{line},{more}" for line, more in zip(text, weeks, strict=True)))
    assert not found.faults
    assert figures(found)["within_20_weeks"] == ("48", "299")
    assert figures(found)["weeks_to_issue"] == ("31.5", "")
    assert found.tables["timeliness_20_week"]["breakdown"].eq("All EHC plans issued").sum() == 3


FIRST = PLACE.replace("new_la_code,old_la_code", "old_la_code,new_la_code")  # the order of 2022
WAS = OWN.replace("E06000033,882", "882,E06000033")
RELEASES = {
    "2022": (
        f"{FIRST},InreqEHC,TotIncExcEHC,IncExc20weekEHC,IncExc20weekRate,TotNoExcEHC,NoExc20weekEHC,NoExc20weekRate",
        f"{FIRST},establishment_type,establishment_group,Total_st,Total_ehc,Total_all",
        [(WAS, "Total,Special school,z,571,571"), (WAS, "Total,Total,79,1443,1522")],
        f"{FIRST},characteristic_age,Total_st,Total_ehc,Total_all\n{WAS},Total,79,1443,1522",
    ),
    "2023 and 2024": (
        (
            f"{PLACE},inreq_ehc,tot_inc_exc_ehc,inc_exc_20week_ehc,inc_exc_20week_rate"
            ",tot_no_exc_ehc,no_exc_20week_ehc,no_exc_20week_rate"
        ),
        f"{PLACE},establishment_group,establishment_type,ehcp_or_statement,num_caseload,pc_caseload",
        [
            (OWN, "Special school,Total,EHCP,571,39.6"),
            (OWN, "Total,Total,EHCP,1443,100"),
            (OWN, "Total,Total,Statement,79,100"),
            (OWN, "Total,Total,Total,1522,100"),
        ],
        (
            f"{PLACE},age,ehcp_or_statement,num_caseload,pc_caseload\n{OWN},Total,EHCP,1443,100\n"
            f"{OWN},Total,Total,1522,100"
        ),
    ),
}


def release(path, year, code="E06000033", total="Total"):
    """A twin of a zip before 2025: requests and timeliness in one file, plans in force by establishment and by age."""
    counts, plans, by_establishment, ages = RELEASES[year]
    rows = [(WAS if year == "2022" else OWN, "358,163,155,95.100000000000,159,153,96.200000000000")]
    members = {
        "sen2_mi": "\n".join([counts, *map(",".join, rows)]),
        "sen2_estab_caseload": "\n".join([plans, *map(",".join, by_establishment)]).replace("Total,", f"{total},"),
        "sen2_age_caseload": ages,
    }
    with ZipFile(path / "release.zip", "w") as held:
        for name, text in members.items():
            held.writestr(f"data/{name}.csv", text.replace("E06000033", code).encode("utf-8-sig"))
    return read(path)


@pytest.mark.parametrize("year", RELEASES)
def test_the_releases_of_2022_to_2024_give_the_measures_of_later_ones(tmp_path, year):
    found = release(tmp_path, year)
    assert not found.faults
    assert figures(found) == {
        "within_20_weeks": ("155", "163"),
        "within_20_weeks_ex": ("153", "159"),
        "requests": ("358", ""),
        "caseload": ("1443", ""),
    }
    assert [(part, rows) for _, part, rows in found.read] == [
        ("data/sen2_mi.csv", 1),
        ("data/sen2_estab_caseload.csv", 1),
    ]
    (row,) = found.tables["timeliness_20_week"].to_dict("records")
    assert (row["breakdown"], row["plans_issued_den"]) == ("All EHC plans issued", "163")
    made = national.measure(found.tables["official"], period=reporting_period("2025-03"), codes=CODES, neighbours=())
    assert made.sections.set_index("label").loc["Requests decided within 6 weeks", "reason"] == (
        "no such column in the file"
    )


@pytest.mark.parametrize("year", RELEASES)
def test_a_release_of_2022_to_2024_without_the_area_or_its_total_is_an_error(tmp_path, year):
    told = [str(fault) for fault in release(tmp_path, year, code="E06000034").faults]
    assert len(told) == 2
    assert all("it holds no row for Southend-on-Sea (E06000033)" in fault for fault in told)
    (fault,) = release(tmp_path, year, total="All").faults
    assert not fault.warns
    assert "the breakdown Total" in str(fault)
    assert "is not found; the file has" in str(fault)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (timeliness(label="Every plan"), "the breakdown All EHC plans issued or All EHC plans is not found"),
        (timeliness(own=OWN.replace("E06000033", "E06000055")), "it holds no row for Southend-on-Sea (E06000033)"),
        (timeliness(own=OWN.replace("E0600", "e0600")), "is not an area code"),
        (timeliness(own=OWN.replace("E06000033", "")), "is not an area code"),
        (timeliness(own=OWN.replace("E06000033", "E060O0033")), "is not an area code"),
        (timeliness(own=OWN.replace("Local authority", "District")), "is not one of National"),
        (timeliness(counts="299,299,4O,48,16.1,16.1"), "is neither a number nor a marker"),
        (timeliness() + f"{OWN},All EHC plans issued,299,299,49,49,16.4,16.4\n", "already, with other counts"),
        (timeliness() + f"{OWN},All EHC plans issued,299,299,48,48,16.1,16.1\n", "already, with the same counts"),
        (timeliness(counts="299,299,48,48,50,16.1"), "more than 1 points from"),
    ],
)
def test_what_would_empty_or_move_the_page_is_an_error_in_one_line(tmp_path, text, told):
    errors = [str(fault) for fault in read(tmp_path, file=text).faults if not fault.warns]
    assert [error for error in errors if told in error and error.startswith("file.csv")]
    assert all("\n" not in error for error in errors)


def test_a_file_that_is_not_known_is_a_warning_with_its_headings(tmp_path):
    (fault,) = read(tmp_path, other="time_period,new_ehc_plans\n2024,3\n").faults
    assert fault.warns
    assert "time_period, new_ehc_plans" in str(fault)


def test_a_heading_that_stands_twice_and_one_misspelt_are_read(tmp_path):
    rows = [f"{PLACE},breakdown,{REVIEWS}", f"{OWN},All annual reviews,1637,380,380,1039,528"]
    found = read(tmp_path, reviews="\n".join(rows))
    assert not found.faults
    assert figures(found) == {"review_decisions": ("1039", "1567")}


def test_the_tribunals_table_is_read_under_its_three_heading_rows(tmp_path):
    text = (
        "Table 1,,,,\n,,,,\nLocal Authority,LA code,2023,,,2024,,\n,,"
        'Appeals registered4,"Total Appealable Decisions1,9",'
        'SEND Tribunal Appeal Rate2,Appeals registered4,"Total Appealable Decisions1,9",SEND Tribunal Appeal Rate2\n'
        'EAST OF ENGLAND,,,,\nSouthend-on-Sea7,882, - ,"1,876",0.00%,48,"2,207",2.20%\n'
        '"England Total4,9",,1,10,10.00%,2,10,20%\n'
    )
    found = read(tmp_path, CODES | {"old_la": "882"}, tribunal=text)
    assert not found.faults
    own = found.tables["official"].query("own")
    assert own[["period", "n", "of"]].to_numpy().tolist() == [["2023", "0", "1876"], ["2024", "48", "2207"]]


def test_community_waits_are_read_by_month_with_small_numbers_and_blanks_told_apart(tmp_path):
    book = Workbook()
    for band in ("", *BANDS):
        title = (
            f"Number waiting {band} weeks (days) by service, June 2023"
            if band
            else "Total waiting list by service, June 2023"
        )
        sheet = book.create_sheet(f"Table 4{band}".replace(">", "x"))
        rows = [
            ("National", "England", 7 if band else 49),
            ("ICB", "MID AND SOUTH ESSEX", "*" if band == "0-1" else 2 if band else None),
        ]
        for row in ([title], ["level", "name", SERVICE], *rows, ["Small numbers are not shown."]):
            sheet.append(row)
        for cells in ("A1:C1", "A5:C5"):
            sheet.merge_cells(cells)
    book.save(tmp_path / "waits.xlsx")
    found = read(tmp_path)
    assert not found.faults
    shown = national.measure(
        found.tables["official"], period=reporting_period("2023-06"), codes=CODES, neighbours=()
    ).latest
    own = shown[shown["flag"]].set_index("label")["reason"]
    assert own.iloc[0] == "not returned"
    assert own.iloc[1] == "suppressed"
    assert shown[shown["group"].eq("England")]["value"].round(1).tolist() == [49, 28.6, 14.3]


def test_what_reads_as_blank_in_a_workbook_is_an_error_below_its_headings_and_titles_may_be_merged(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet"
    for line in (["Published in June"], *(line.split(",") for line in timeliness().splitlines())):
        sheet.append(line)
    sheet.merge_cells("A1:F1")
    book.save(tmp_path / "release.xlsx")
    assert not read(tmp_path).faults
    sheet.merge_cells("A3:A4")
    sheet["K5"] = "=40+8"
    book.save(tmp_path / "release.xlsx")
    faults = [str(fault) for fault in read(tmp_path).faults]
    assert (
        "release.xlsx Sheet row 3: 'A3:A4' are merged, so all but the first read as blank. Unmerge and fill them."
        in (faults)
    )
    assert any("Sheet row 5: 'K5' holds a formula without a saved value. Open it in Excel" in fault for fault in faults)


def interactive_tool(path, numbers=(882, 883, 985, 970), headings="Short Desc|Data item|Years|LA and Regions|Values"):
    """A twin of the Local Authority Interactive Tool's file: the second authority has a dash for no figure."""
    names = {882: "Southend-on-Sea", 883: "Thurrock", 985: "East of England", 970: "England"}
    known = [item.labels.partition("=")[2] for item in declared() if item.set == "lait"]
    rows = [
        (measure, None, str(year), names[number], "-" if number == 883 else f"{year - 2000}.5", float(number), region)
        for measure in ("Adoptions", *known)
        for year in (2021, 2022)
        for number in numbers
        for region in ["East of England" if number < 970 else "NA"]
    ]
    with duckdb.connect() as held:
        texts = ", ".join(f'"{name}" VARCHAR' for name in headings.split("|"))
        held.execute(f'CREATE TABLE tool ({texts}, "LA Number" DOUBLE, Region VARCHAR)')
        held.executemany("INSERT INTO tool VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        held.table("tool").write_parquet(str(path))


def test_the_interactive_tools_parquet_is_read_by_the_old_code_with_region_england_and_neighbours(tmp_path):
    interactive_tool(tmp_path / "tool [2026].parquet")
    found = read(tmp_path, CODES | {"old_la": "882"})
    assert not found.faults
    made = national.measure(
        found.tables["official"], period=reporting_period("2023-03"), codes=CODES, neighbours=("Thurrock",)
    )
    refused = made.latest[made.latest["label"].eq("Requests for an assessment that were refused")]
    assert refused["group"].tolist() == ["Southend-on-Sea", "East of England", "England", "Thurrock"]
    assert refused["value"].tolist()[:3] == [22.5, 22.5, 22.5]
    assert refused["reason"].tolist() == ["", "", "", "missing, no reason given"]
    assert refused["before"].tolist()[:3] == [21.5, 21.5, 21.5]
    shown = national_phrases.side_by_side(made.latest).set_index("label")["own"]
    assert shown["Requests for an assessment that were refused"] == "22.5%"
    sections = made.sections.set_index("label")
    assert sections.loc["Pupils with SEN support", "period"] == "January 2022"
    assert "drops the reasons" in sections.loc["Pupils with SEN support", "source"]


def test_a_parquet_file_without_the_area_or_its_code_a_column_or_sense_is_an_error_in_one_line(tmp_path):
    path = tmp_path / "tool.parquet"
    interactive_tool(path)
    (fault,) = read(tmp_path).faults
    assert "codes.old_la" in str(fault)
    assert "Write one of the file's, such as 882, 883." in str(fault)
    interactive_tool(path, numbers=(883, 985, 970))
    (fault,) = read(tmp_path, CODES | {"old_la": "882"}).faults
    assert "it holds no row for Southend-on-Sea (882)" in str(fault)
    interactive_tool(path, headings="Short Desc|Data item|Period|LA and Regions|Values")
    (fault,) = read(tmp_path).faults
    assert "the column years is missing" in str(fault)
    interactive_tool(path, headings="Measure|Data item|Years|LA and Regions|Values")
    (fault,) = read(tmp_path).faults
    assert fault.warns
    path.write_bytes(path.read_bytes()[:-20])
    (fault,) = read(tmp_path).faults
    assert not fault.warns
    assert str(fault).startswith("tool.parquet")
    assert "is not a parquet file that can be read" in str(fault)
    assert "\n" not in str(fault)


def test_a_zip_is_read_in_place_and_a_share_can_be_asked_for(tmp_path):
    with ZipFile(tmp_path / "release.zip", "w") as held:
        held.writestr("data/timeliness.csv", timeliness())
        held.writestr("data/other.csv", "a,b\n1,2\n")
    found = read(tmp_path)
    assert not found.faults
    share = national.published_share(found.tables["official"], "E06000033", 2024)
    assert share is not None
    assert share[:2] == (48, 299)
    assert national.published_share(found.tables["official"], "E06000033", 2019) is None


UNKNOWN = "a,b\n" + "1,2\n" * 40


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (UNKNOWN + '1,"x\n', "quotes do not match from line 42 on, so the file seems cut off"),
        (UNKNOWN + '1,"x"y\n2,3\n', "quotes do not match near line 42"),
        ('a,b\n1,"x\n', "quotes do not match from line 2 on, so the file seems cut off"),
        ("", "the file is empty"),
    ],
)
@pytest.mark.parametrize("beside", [True, False])
def test_a_csv_of_no_known_table_in_a_zip_that_cannot_be_read_is_refused_by_its_name(tmp_path, text, problem, beside):
    with ZipFile(tmp_path / "release.zip", "w") as held:
        held.writestr("data/other.csv", text)
        if beside:
            held.writestr("data/timeliness.csv", timeliness())
    (fault,) = read(tmp_path).faults
    assert not fault.warns
    said = f"release.zip: data/other.csv in it: {problem}. Download it again, or unpack the tables that are needed."
    assert str(fault) == said


@pytest.mark.parametrize("names", [["data/other.csv"], ["data/other.csv", "more.csv"], ["notes.txt", "table.xlsx"]])
def test_a_zip_of_which_nothing_is_known_is_named_with_what_is_in_it(tmp_path, names):
    with ZipFile(tmp_path / "release.zip", "w") as held:
        for name in names:
            held.writestr(name, UNKNOWN)
    (fault,) = read(tmp_path).faults
    assert fault.warns
    assert f"release.zip row 1: it is not a file that is known ({', '.join(names)}), so it is not read" in str(fault)


def test_capitals_in_the_ending_of_a_name_do_not_matter(tmp_path):
    (tmp_path / "DOWNLOAD.CSV").write_text(timeliness(), encoding="utf-8")
    assert figures(read_published(tmp_path, "Southend-on-Sea", CODES))["within_20_weeks"] == ("48", "299")
    with ZipFile(tmp_path / "RELEASE.ZIP", "w") as held:
        held.write(tmp_path / "DOWNLOAD.CSV", "data/PLANS.CSV")
    (tmp_path / "DOWNLOAD.CSV").unlink()
    found = read_published(tmp_path, "Southend-on-Sea", CODES)
    assert not found.faults
    assert figures(found)["within_20_weeks"] == ("48", "299")


def test_what_is_no_kind_of_file_that_is_read_is_warned_of_and_notes_are_not(tmp_path):
    for name in ("waits.ods", "old.XLS", "README.md", "guidance.TXT", "release.pdf", "~$open.xlsx", ".hidden"):
        (tmp_path / name).write_text("anything", encoding="utf-8")
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / "plans.csv").write_text(timeliness(), encoding="utf-8")
    faults = read(tmp_path).faults
    assert all(fault.warns for fault in faults)
    kind = "it is no kind of file that is read, so nothing is shown from it. Save it as .xlsx or .csv, or take it away."
    folder = "it is a folder, and files in it are not read. Put the files themselves into published/."
    told = [f"old.XLS: {kind}", f"unpacked: {folder}", f"waits.ods: {kind}"]
    assert [str(fault) for fault in faults] == told


def test_region_and_england_stand_beside_the_area_and_absent_files_are_named(tmp_path):
    official = read(tmp_path, file=timeliness()).tables["official"]
    found = national.measure(official, period=reporting_period("2024-12"), codes=CODES, neighbours=())
    rows = found.latest[found.latest["label"].str.endswith("included")]
    assert rows["group"].tolist() == ["Southend-on-Sea", "East of England", "England"]
    assert rows["release"].unique().tolist() == ["Education, health and care plans, reporting year 2025"]
    assert found.sections.set_index("label").loc["EHC plans in force", "reason"] == "no file in published/"


@pytest.mark.skipif(not REAL.is_dir(), reason="the publishers' own files are not here")
def test_every_authority_of_the_real_interactive_tool_has_its_measures(tmp_path):
    copyfile(REAL / "lait_bds_long.parquet", tmp_path / "tool.parquet")
    found = read(tmp_path, {"la": "E06000033", "old_la": "882"})
    assert not found.faults
    official = found.tables["official"]
    for code in official.loc[official["area_level"].eq("la") & ~official["group"].str.contains("Pre LG"), "old_code"]:
        own = official["old_code"].eq(code)
        assert official.loc[own, "measure"].nunique() == 5
        assert set(official.loc[own, "region_code"]) <= set(
            official.loc[official["area_level"].eq("region"), "area_code"]
        )
    shown = official[official["own"] & official["measure"].eq("plans_ceased")]
    assert shown[["period", "n"]].to_numpy().tolist() == [["2022", "101"], ["2023", "120"], ["2024", "138"]]


@pytest.mark.skipif(not REAL.is_dir(), reason="the publishers' own files are not here")
def test_every_authority_of_the_real_release_has_its_tables_and_percentages_agree(tmp_path):
    copyfile(REAL / "education-health-and-care-plans_2025.zip", tmp_path / "release.zip")
    found = read(tmp_path, {"la": "E06000033"})
    assert not [fault for fault in found.faults if not fault.warns]
    official = found.tables["official"]
    newest = official[
        official["measure"].eq("within_20_weeks") & official["period"].eq("2024") & official["area_level"].eq("la")
    ]
    assert newest["area_code"].nunique() == 153
    for code in newest["area_code"]:
        own = official["area_code"].eq(code)
        own |= official["old_code"].isin(official.loc[own, "old_code"])
        made = national.measure(official.assign(own=own), period=reporting_period("2025-03"), codes={}, neighbours=())
        shares = made.latest[made.latest["flag"] & made.latest["label"].str.startswith("New plans")].dropna(
            subset="value"
        )
        assert len(made.latest[made.latest["flag"]]) == 8
        assert {"la", "region", "country"} == set(made.latest["area_level"])
        assert pd.Series(list(map(half_up_pct, shares["n"], shares["of"]))).tolist() == shares["published_pct"].tolist()
