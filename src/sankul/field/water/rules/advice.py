"""What people should do about a contaminant, in plain words of English and Hindi.

After the advice of the World Health Organization (Guidelines for drinking-water quality, fourth edition with the first and second
addenda, 2022).
Both languages stand here beside each other, since a notice at a hand pump has both whatever the reader's language.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

from django.utils.translation import override

from .parameters import PARAMETERS


class Advice(NamedTuple):
    """The same advice in both languages; ``boil`` says whether boiling helps, None where it does nothing either way."""

    english: str
    hindi: str
    boil: bool | None


_GERMS = Advice(
    "Germs were found in this water. Boil it until it bubbles for one minute before you drink it, cook with it or brush "
    "your teeth. Keep boiled water covered.",
    "इस पानी में रोगाणु मिले हैं। पीने, खाना पकाने या दाँत साफ़ करने से पहले पानी को उबालें और एक मिनट तक उबलने दें। "
    "उबला पानी ढककर रखें।",
    boil=True,
)
ADVICE: Final[dict[str, Advice]] = {
    "ecoli": _GERMS,
    "total_coliform": _GERMS,
    "faecal_coliform": _GERMS,
    "chlorine": Advice(
        "There is too little chlorine in this water to keep germs away. Boil it before you drink it.",
        "इस पानी में रोगाणुओं से बचाव के लिए पर्याप्त क्लोरीन नहीं है। पीने से पहले पानी उबालें।",
        boil=True,
    ),
    "turbidity": Advice(
        "This water is cloudy, and germs may hide in it. Let it settle, strain it through a clean cloth, then boil it.",
        "यह पानी गंदला है और इसमें रोगाणु हो सकते हैं। पानी को थिरने दें, साफ़ कपड़े से छानें, फिर उबालें।",
        boil=True,
    ),
    "nitrate": Advice(
        "There is too much nitrate in this water. Do not give it to babies or to pregnant women. Boiling makes it worse.",
        "इस पानी में नाइट्रेट बहुत अधिक है। इसे शिशुओं और गर्भवती महिलाओं को न दें। उबालने से नाइट्रेट और बढ़ता है।",
        boil=False,
    ),
    "fluoride": Advice(
        "There is too much fluoride in this water. Over years it harms teeth and bones. Use another source for drinking and "
        "cooking, for children first. Boiling does not help.",
        "इस पानी में फ्लोराइड बहुत अधिक है। वर्षों तक पीने से दाँतों और हड्डियों को नुकसान होता है। पीने और खाना पकाने के लिए "
        "दूसरे स्रोत का पानी लें, सबसे पहले बच्चों के लिए। उबालने से लाभ नहीं होता।",
        boil=False,
    ),
    "arsenic": Advice(
        "There is too much arsenic in this water. Do not drink it or cook with it. Washing with it is safe. "
        "Boiling does not help.",
        "इस पानी में आर्सेनिक बहुत अधिक है। इसे न पिएँ और न ही इससे खाना पकाएँ। नहाना-धोना सुरक्षित है। उबालने से लाभ नहीं होता।",
        boil=False,
    ),
    "lead": Advice(
        "There is too much lead in this water. Do not drink it or cook with it, above all not for children. "
        "Boiling does not help.",
        "इस पानी में सीसा (लेड) बहुत अधिक है। इसे न पिएँ और न ही इससे खाना पकाएँ, विशेषकर बच्चों के लिए। उबालने से लाभ नहीं होता।",
        boil=False,
    ),
    "iron": Advice(
        "There is much iron in this water. It tastes and stains; drinking it does little harm. Let it stand and strain it.",
        "इस पानी में लोहा (आयरन) अधिक है। इससे स्वाद बिगड़ता है और दाग लगते हैं; पीने से विशेष हानि नहीं होती। पानी को थिरने दें "
        "और छान लें।",
        boil=None,
    ),
}
OTHERWISE: Final = Advice(
    "This water does not meet the standard. Use another source for drinking if you can.",
    "यह पानी मानक के अनुसार नहीं है। हो सके तो पीने के लिए दूसरे स्रोत का पानी लें।",
    boil=None,
)
SAFE: Final = Advice(
    "The last tests found nothing above the limits.",
    "पिछली जाँचों में कुछ भी सीमा से अधिक नहीं मिला।",
    boil=None,
)


UNTESTED: Final = Advice(
    "Nobody has tested this water yet. Boil it, or use a source that was tested.",
    "इस पानी की अभी तक जाँच नहीं हुई है। इसे उबालकर पिएँ, या जाँचे हुए स्रोत का पानी लें।",
    boil=True,
)
LONG_AGO: Final = Advice(
    "The last test is more than half a year old. Ask for a new one; until then boil the water.",
    "पिछली जाँच को छह महीने से अधिक हो गए हैं। नई जाँच के लिए कहें; तब तक पानी उबालकर पिएँ।",
    boil=True,
)
SILENT: Final = Advice(
    "The sensor that watches this water has stopped sending. Look at the water: if it is cloudy or smells, boil it.",
    "इस पानी पर नज़र रखने वाला यंत्र बंद है। पानी को देखें: गंदला हो या गंध आए तो उबालकर पिएँ।",
    boil=None,
)
_HINDI: Final[dict[str, str]] = {
    "ph": "पीएच",
    "turbidity": "गंदलापन",
    "tds": "घुले ठोस पदार्थ",
    "hardness": "कठोरता",
    "alkalinity": "क्षारीयता",
    "chloride": "क्लोराइड",
    "sulphate": "सल्फेट",
    "nitrate": "नाइट्रेट",
    "fluoride": "फ्लोराइड",
    "iron": "लोहा (आयरन)",
    "arsenic": "आर्सेनिक",
    "lead": "सीसा (लेड)",
    "ecoli": "ई. कोलाई रोगाणु",
    "total_coliform": "कोलीफॉर्म रोगाणु",
    "faecal_coliform": "मल-जनित कोलीफॉर्म रोगाणु",
}
_MONTHS: Final = (
    "जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर",
)  # fmt: skip


def since_in_words(parameter: str, since: datetime, today: date) -> tuple[str, str]:
    """That a parameter is beyond its limit, and since when, in English and Hindi: the time if it began today, else the day.

    ``since`` is in local time. Chlorine is below its limit where others are above.
    """
    with override("en"):
        english = str(PARAMETERS[parameter].name)
    is_today = since.date() == today
    when_en = f"{since:%H:%M} today" if is_today else f"{since.day} {since:%b %Y}"
    when_hi = (
        f"आज {since:%H:%M} बजे"
        if is_today
        else f"{since.day} {_MONTHS[since.month - 1]} {since.year}"
    )
    if parameter == "chlorine":
        return (
            f"There has been too little chlorine since {when_en}.",
            f"{when_hi} से क्लोरीन बहुत कम है।",
        )
    hindi = _HINDI.get(parameter, english)
    return (
        f"{english} has been above the limit since {when_en}.",
        f"{when_hi} से {hindi} सीमा से अधिक है।",
    )


def advice(parameter: str) -> Advice:
    """What to do about a parameter above its limit."""
    return ADVICE.get(parameter, OTHERWISE)
