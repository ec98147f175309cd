"""Invented names, as they are heard on the coast of Maine today."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from lpm.lib.text import folded


@dataclass(frozen=True)
class Origin:
    """Families that share names and languages: ``weight`` of them in a thousand. ``languages`` are spoken at home,
    the likeliest first; ``races`` as OneRoster tells them apart."""

    weight: int
    languages: tuple[tuple[str, int], ...]
    races: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    families: tuple[str, ...]
    is_hispanic: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace("_", " ").split("|"))


ORIGINS = (
    Origin(
        560,
        (("en", 100),),
        ("white",),
        _words(
            "Abigail|Ada|Alice|Anna|Audrey|Beatrice|Callie|Charlotte|Clara|Cora|Delia|Eleanor|Eliza|Ella|Esther|Evelyn|"
            "Fern|Fiona|Frances|Grace|Greta|Hannah|Harriet|Hazel|Ida|Isla|Ivy|Josephine|June|Lucy|Lydia|Mabel|Maeve|"
            "Martha|Molly|Nell|Nora|Olive|Phoebe|Piper|Rose|Ruth|Sadie|Siobhán|Sylvie|Tess|Violet|Willa|Winifred"
        ),
        _words(
            "Abel|Alden|Amos|Asa|Beckett|Benjamin|Calvin|Caleb|Charlie|Clark|Cyrus|Declan|Eben|Eli|Emmett|Ezra|Finn|"
            "Gideon|Graham|Harvey|Henry|Ira|Isaac|Jack|Jonah|Josiah|Leif|Levi|Linus|Lowell|Malcolm|Micah|Miles|Nathan|"
            "Noah|Oliver|Oscar|Otis|Owen|Reuben|Rowan|Samuel|Silas|Simon|Theo|Thaddeus|Walter|Wyatt"
        ),
        _words(
            "Ames|Alley|Barter|Beal|Blaisdell|Bowden|Brackett|Bunker|Calderwood|Carver|Coombs|Crockett|Curtis|Dyer|"
            "Eaton|Farnham|Gilley|Gott|Greenlaw|Grindle|Hallett|Hamblen|Haskell|Joyce|Kimball|Leach|Littlefield|"
            "Lunt|MacAskill|Marden|Merrithew|Murch|O’Rourke|Philbrook|Pinkham|Rackliff|Sawtelle|Simmons|Soule|"
            "Sprague|Thurlow|Tolman|Wadsworth|Weed|Whitcomb|Wooster|Young"
        ),
    ),
    Origin(
        150,
        (("en", 88), ("fr", 12)),
        ("white",),
        _words("Amélie|Brigitte|Camille|Céleste|Chantal|Élise|Geneviève|Juliette|Léa|Madeleine|Noémie|Sylvie|Zoé"),
        _words("André|Bastien|Étienne|Félix|Gaston|Jacques|Laurent|Luc|Mathieu|Olivier|Rémi|Théo|Xavier"),
        _words(
            "Arsenault|Beaulieu|Bouchard|Cyr|Daigle|Deschenes|Doiron|Dubé|Gagnon|Levesque|Michaud|Ouellette|Pelletier|"
            "Roy|Saint-Onge|Theriault|Thibodeau|Tremblay|Violette"
        ),
    ),
    Origin(
        70,
        (("so", 74), ("en", 20), ("ar", 6)),
        ("black",),
        _words("Amina|Ayaan|Deqa|Fadumo|Hamdi|Hodan|Ifrah|Khadija|Nasra|Sagal|Sahra|Ubah"),
        _words("Abdi|Ahmed|Bilal|Faisal|Guled|Hassan|Ismail|Liban|Mahad|Mohamed|Warsame|Yusuf"),
        _words("Abdirahman|Abdullahi|Aden|Ali|Farah|Hersi|Jama|Mohamud|Omar|Osman|Samatar|Warsame"),
    ),
    Origin(
        60,
        (("fr", 46), ("pt", 36), ("ln", 10), ("en", 8)),
        ("black",),
        _words("Benedita|Béatrice|Divine|Esperança|Espérance|Furaha|Grâce|Joana|Mercie|Neema|Plamedi|Ruth"),
        _words("Chadrac|Dieumerci|Élie|Emmanuel|Glody|Héritier|João|Josué|Manuel|Merdi|Nsimba|Trésor"),
        _words("Ilunga|Kabongo|Kalala|Lukoki|Makiese|Mbuyi|Mutombo|Ndombasi|Ngoma|Nzuzi|Panzo|Tshibangu"),
    ),
    Origin(
        58,
        (("es", 68), ("en", 32)),
        ("white",),
        _words("Camila|Daniela|Itzel|Luciana|Marisol|Natalia|Paloma|Renata|Valentina|Xiomara|Ximena|Yaretzi"),
        _words("Ángel|Diego|Emiliano|Iker|Joaquín|José_Luis|Leonel|Mateo|Nicolás|Rafael|Santiago|Tomás"),
        _words(
            "Alvarado|Cárdenas|Echeverría_Saldaña|Guzmán|Ibáñez_Roca|Maldonado|Ordóñez|Peralta|Quintanilla|Rosado|"
            "Villanueva|Zúñiga"
        ),
        is_hispanic=True,
    ),
    Origin(
        32,
        (("en", 100),),
        ("indigenous",),
        _words("Dawn|Jolie|Maliyan|Mia|Raven|Sage|Shay|Skye|Tessa|Winona"),
        _words("Dakota|Elias|Gabe|Hunter|Joseph|Lewis|Newell|River|Silas|Sabattus"),
        _words("Altvater|Dana|Francis|Lola|Mitchell|Neptune|Newell|Sapiel|Sockabasin|Tomah"),
    ),
    Origin(
        34,
        (("en", 46), ("vi", 28), ("zh", 26)),
        ("asian",),
        _words("An|Bích|Hương|Jia|Lan|Linh|Mai|Mei-Ling|Ngọc|Thảo|Xuân_Mai|Yan"),
        _words("Bảo|Chen|Đức|Huy|Jun|Khôi|Long|Minh|Quang|Tuấn|Wei|Zihan"),
        _words("Chen|Đặng|Đỗ|Huang|Lê|Liu|Nguyễn|Phạm|Trần|Vương|Wu|Zhao"),
    ),
    Origin(
        36,
        (("en", 40), ("uk", 34), ("ru", 14), ("ar", 12)),
        ("white",),
        _words("Anastasiya|Daryna|Freyja|Hana|Ingrid|Kateryna|Leila|Mariya|Oksana|Rania|Solveig|Zlata"),
        _words("Anders|Artem|Dmytro|Karim|Lukas|Magnus|Mykola|Oleksandr|Søren|Tariq|Viktor|Yaroslav"),
        _words(
            "Bondarenko|Čermák|Haddad|Haugland|Hrytsenko|Koval|Lindqvist|Nilsen|Østergaard|Shevchenko|Sorokin|"
            "Þórsdóttir"
        ),
    ),
)
LONG_GIVEN = ("Anastasia-Guadalupe", "Bartholomew-Alexander", "Christiana-Philomène", "Maximiliano-Sebastián")
LONG_FAMILY = (
    "Featherstone-Villavicencio",
    "Wooster-Abdirahman-Littlefield",
    "Papadopoulos-Merrithew",
    "Venkataraghavan-Beaulieu",
)


def pick_origin(random: Random) -> Origin:
    return random.choices(ORIGINS, [origin.weight for origin in ORIGINS])[0]


def pick_language(random: Random, origin: Origin) -> str:
    """A code such as so."""
    codes, weights = zip(*origin.languages, strict=True)
    return str(random.choices(codes, weights)[0])


def pick_family_name(random: Random, origin: Origin) -> str:
    """One in a hundred is as long as names can be."""
    return random.choice(LONG_FAMILY) if random.random() < 0.01 else random.choice(origin.families)


def pick_given_name(random: Random, origin: Origin, sex: str) -> str:
    if random.random() < 0.01:
        return random.choice(LONG_GIVEN)
    return random.choice(origin.girls if sex == "female" else origin.boys)


IN_PLAIN = {ord(letter): plain for letter, plain in {"ø": "o", "đ": "d", "þ": "th", "ð": "d", "ı": "i"}.items()}


class Usernames:
    """The first letter and the last name, in plain letters; the second of them has a 2 behind it."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = dict.fromkeys(taken, 1)

    def take(self, given_name: str, family_name: str) -> str:
        plain = f"{_plain(given_name)[:1]}{_plain(family_name)[:18]}"
        count = self._taken[plain] = self._taken.get(plain, 0) + 1
        return plain if count == 1 else f"{plain}{count}"


def _plain(name: str) -> str:
    letters = folded(name).translate(IN_PLAIN)
    return re.sub(r"[^a-z]", "", letters)
