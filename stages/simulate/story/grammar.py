"""The sentences of the simulated story, every word with its syntax and the events it begins.

A rule is a sequence of words `word/TAG/ROLE[/event…]` and slots `{rule}` or `{rule:ROLE}`,
with punctuation attached. A slot is another rule, an entry of the lexicon, or a character:
`A` and `B` are the two people of the scene, `Bs` is `B's`, `he` and `his` are pronouns of A;
`here`, `prop` and `pet` are the place, the tool and the animal of the scene. Where a slot gives
no role, it has the role of the phrase it stands in.

Tags are those of the Penn Treebank and roles those of the CoNLL-2007 dependencies, as in the
release; joined by `+` where one token holds two words (`didn't`).
"""

PHRASES: dict[str, tuple[str, ...]] = {
    "spot": (
        "the/DT/NMOD {place}",
        "the/DT/NMOD {adjective:NMOD} {place}",
        "the/DT/NMOD {here}",
        "the/DT/NMOD {here}",
    ),
    "thing": (
        "the/DT/NMOD {prop}",
        "the/DT/NMOD {tool}",
        "a/DT/NMOD {adjective:NMOD} {tool}",
        "{his:NMOD} {adjective:NMOD} {tool}",
        "{number:NMOD} {things}",
        "some/DT/NMOD {food}",
    ),
    "animal": (
        "the/DT/NMOD {pet}",
        "a/DT/NMOD {adjective:NMOD} {beast}",
        "{Bs:NMOD} {beast}",
    ),
    "crowd": ("the/DT/NMOD {people}", "{number:NMOD} {people}", "all/DT/NMOD the/DT/NMOD {people}"),
    "threat": ("the/DT/NMOD {weather}", "the/DT/NMOD {adjective:NMOD} {beast}", "{B}"),
    "where": ("{near:ADV} {spot:PMOD}", "in/IN/ADV {spot:PMOD}", "there/RB/ADV"),
    "whither": (
        "{towards:ADV} {spot:PMOD}",
        "to/TO/ADV {spot:PMOD}",
        "up/RP/PRT to/TO/ADV {spot:PMOD}",
        "away/RB/ADV from/IN/ADV {spot:PMOD}",
    ),
    "when": (
        "that/DT/NMOD {time:ADV}",
        "in/IN/ADV the/DT/NMOD {time:PMOD}",
        "before/IN/ADV the/DT/NMOD {weather:PMOD}",
    ),
}

NARRATION = (
    "{A:SBJ} {walked:ROOT} {whither}.",
    "{A:SBJ} {walked:ROOT} {manner:ADV} {whither} and/CC/CC {took:COORD} {thing:OBJ}.",
    "{soon:ADV} {A:SBJ} {took:ROOT} {thing:OBJ} {near:ADV} {spot:PMOD}, and/CC/CC {B:SBJ} "
    "{walked:COORD} {whither} {when}.",
    "{A:SBJ} {took:ROOT} {thing:OBJ} {manner:ADV}, because/IN/VMOD {animal:SBJ} was/VBD/VMOD "
    "{walking:VC} {whither}.",
    "{A:SBJ} tried/VBD/ROOT to/TO/VMOD {take:VC} {thing:OBJ} with/IN/ADV {his:NMOD} {body:PMOD}, "
    "but/CC/CC it/PRP/SBJ was/VBD/COORD {very:AMOD} heavy/JJ/PRD.",
    "{when}, {A:SBJ} and/CC/CC {B:COORD} {walked:ROOT} {whither} to/TO/VMOD {take:VC} {thing:OBJ}.",
    "{A:SBJ} {hit:ROOT} {his:NMOD} {body:OBJ} on/IN/ADV the/DT/NMOD {part:PMOD}.",
    "{animal:SBJ} {hit:ROOT} the/DT/NMOD {part:OBJ} and/CC/CC {walked:COORD} {whither}.",
    "A/DT/NMOD {adjective:NMOD} {craft:SBJ} {flew:ROOT} over/IN/ADV {spot:PMOD} and/CC/CC "
    "{hit:COORD} the/DT/NMOD {part:OBJ}.",
    "{A:SBJ} watched/VBD/ROOT {animal:OBJ} {flying:VMOD} high/RB/ADV above/IN/ADV {spot:PMOD}.",
    "The/DT/NMOD {craft:SBJ} {flew:ROOT} {manner:ADV} over/IN/ADV the/DT/NMOD sea/NN/PMOD "
    "while/IN/VMOD {A:SBJ} {walked:VMOD} {whither}.",
    "{A:SBJ} gave/VBD/ROOT {B:IOBJ} {thing:OBJ} {when}.",
    "{A:SBJ} {kept:ROOT} {thing:OBJ} {where}, and/CC/CC {B:SBJ} {rested:COORD} {where}.",
    "{A:SBJ} saw/VBD/ROOT {animal:OBJ} {walking:VMOD} {whither}.",
    "{A:SBJ} heard/VBD/ROOT {sounds:OBJ} {where}, so/IN/VMOD {he:SBJ} {walked:VMOD} {whither}.",
    "{A:SBJ} didn't/VBD+RB/ROOT+ADV know/VB/VC who/WP/SBJ had/VBD/OBJ {eaten:VC} {thing:OBJ}.",
    "{A:SBJ} knew/VBD/ROOT that/IN/VMOD {B:SBJ} had/VBD/VMOD {eaten:VC} the/DT/NMOD {food:OBJ}.",
    "{A:SBJ} told/VBD/ROOT/say {B:IOBJ} about/IN/ADV the/DT/NMOD {tool:PMOD} that/WDT/SBJ "
    "was/VBD/NMOD hidden/VBN/VC {where}.",
    "{A:SBJ} went/VBD/ROOT/move out/RP/PRT {taking:VMOD} {thing:OBJ}.",
    "{A:SBJ}, it/PRP/SBJ seemed/VBD/PRN, {walked:ROOT} {manner:ADV} {whither} {when}.",
    "The/DT/NMOD {prop:SBJ} fell/VBD/ROOT down/RP/PRT and/CC/CC {hit:COORD} {A:OBJ}.",
)

DESCRIPTION = (
    "The/DT/NMOD {here:SBJ} was/VBD/ROOT {very:AMOD} {look:PRD} {when}.",
    "{when}, the/DT/NMOD {place:SBJ} was/VBD/ROOT {look:PRD} and/CC/CC {look:COORD}.",
    "{number:NMOD} {adjective:NMOD} {things:SBJ} were/VBD/ROOT {where} {when}.",
    "{crowd:SBJ} {rested:ROOT} {where}, {near:ADV} the/DT/NMOD {adjective:NMOD} {part:PMOD}.",
    "The/DT/NMOD {weather:SBJ} came/VBD/ROOT/move in/RP/PRT from/IN/ADV the/DT/NMOD sea/NN/PMOD "
    "and/CC/CC {hit:COORD} the/DT/NMOD {part:OBJ}.",
    "{Bs:NMOD} {tool:SBJ}: {adjective:NMOD}, {adjective:NMOD} and/CC/CC {very:AMOD} "
    "{adjective:COORD}, lay/VBD/ROOT {where}.",
    "The/DT/NMOD {sounds:SBJ} could/MD/ROOT be/VB/VC heard/VBN/VC {where} {when}.",
)

FEELING = (
    "{A:SBJ} was/VBD/ROOT {very:AMOD} {afraid:PRD} of/IN/AMOD {threat:PMOD} and/CC/CC "
    "{rested:COORD} {where}.",
    "{afraid:PRD} of/IN/AMOD {threat:PMOD}, {A:SBJ} {walked:ROOT} {whither} {when}.",
    "{A:SBJ} was/VBD/ROOT {nervous:PRD} about/IN/AMOD {thing:PMOD} and/CC/CC bit/VBD/COORD "
    "{his:NMOD} lip/NN/OBJ {when}.",
    "{nervous:PRD} and/CC/CC pale/JJ/COORD, {A:SBJ} {rested:ROOT} {near:ADV} {spot:PMOD}.",
    "{A:SBJ} was/VBD/ROOT {very:AMOD} {angry:PRD} with/IN/AMOD {B:PMOD}, who/WP/SBJ had/VBD/NMOD "
    "{eaten:VC} {his:NMOD} {food:OBJ}.",
    "{A:SBJ} {loved:ROOT} {animal:OBJ} and/CC/CC the/DT/NMOD {adjective:NMOD} {things:COORD} "
    "of/IN/NMOD {spot:PMOD}.",
    "{A:SBJ} {hated:ROOT} {threat:OBJ} and/CC/CC the/DT/NMOD {adjective:NMOD} {things:COORD} "
    "{near:NMOD} {spot:PMOD}.",
    "{A:SBJ} {marvelled:ROOT} at/IN/ADV the/DT/NMOD {adjective:NMOD} {craft:PMOD} that/WDT/SBJ "
    "{flew:NMOD} over/IN/ADV {spot:PMOD}.",
    "{A:SBJ} {marvelled:ROOT} in/IN/ADV amazement/NN/PMOD at/IN/ADV {animal:PMOD} {when}.",
    "{A:SBJ} was/VBD/ROOT {proud:PRD} of/IN/AMOD {his:NMOD} {tool:PMOD} and/CC/CC showed/VBD/COORD "
    "it/PRP/OBJ to/TO/ADV {crowd:PMOD}.",
    "{crowd:SBJ} {praised:ROOT} {A:OBJ} for/IN/ADV {his:NMOD} {adjective:NMOD} {tool:PMOD} {when}.",
)

SPEECH = (
    '"I/PRP/SBJ/speech can/MD/ROOT see/VB/VC {animal:OBJ} {where}," {A:SBJ} {said:ROOT}.',
    '"We/PRP/SBJ/speech must/MD/ROOT {walk:VC} {whither} {when}," {A:SBJ} {said:ROOT} '
    "{manner:ADV}.",
    "\"I/PRP/SBJ/speech don't/VBP+RB/ROOT+ADV know/VB/VC where/WRB/ADV {Bs:NMOD} {tool:SBJ} "
    'is/VBZ/OBJ…" {A:SBJ} {said:ROOT}.',
    '"You/PRP/SBJ/speech have/VBP/ROOT {eaten:VC} the/DT/NMOD {food:OBJ} again/RB/ADV!" '
    "{A:SBJ} {snapped:ROOT}, {walking:VMOD} {whither}.",
    '"They/PRP/SBJ/speech are/VBP/ROOT {walking:VC} {whither} with/IN/ADV {thing:PMOD}!" '
    "{A:SBJ} {cried:ROOT} to/TO/ADV {crowd:PMOD}.",
    '"Where/WRB/ADV/speech/questioning is/VBZ/ROOT {Bs:NMOD} {tool:SBJ}?" {A:SBJ} '
    "{asked:ROOT} {manner:ADV}.",
    '"Who/WP/SBJ/speech/questioning has/VBZ/ROOT {eaten:VC} {thing:OBJ} {when}?" {A:SBJ} '
    "{asked:ROOT}, and/CC/CC {B:SBJ} {walked:COORD} {whither}.",
    '"Why/WRB/ADV/speech/questioning do/VBP/ROOT {crowd:SBJ} {rest:VC} {where}?" {A:SBJ} '
    "{asked:ROOT}.",
    '"{take:ROOT/speech/commanding} {thing:OBJ} and/CC/CC {walk:COORD} {whither}!" {A:SBJ} '
    "{ordered:ROOT}.",
    '"{walk:ROOT/speech/commanding} {whither} now/RB/ADV—" {A:SBJ} {ordered:ROOT}, {taking:VMOD} '
    "{thing:OBJ}.",
    '"Please/UH/DEP/speech let/VB/ROOT me/PRP/OBJ {rest:VMOD} {where}," {A:SBJ} {begged:ROOT} '
    "with/IN/ADV tears/NNS/PMOD in/IN/NMOD {his:NMOD} eyes/NNS/PMOD.",
    '"Oh/UH/DEP/speech, I/PRP/SBJ would/MD/ROOT {rest:VC} {where}," {A:SBJ} {said:ROOT}-- '
    "but/CC/CC {B:SBJ} {walked:COORD} {whither}.",
    '"{B:SBJ/speech} tells/VBZ/ROOT/say us/PRP/OBJ that/IN/VMOD {animal:SBJ} will/MD/VMOD '
    '{take:VC} {thing:OBJ}," {A:SBJ} {said:ROOT}.',
    '"I/PRP/SBJ/speech have/VBP/ROOT heard/VBN/VC the/DT/NMOD {sounds:OBJ} {where}," {A:SBJ} '
    "{said:ROOT} {when}.",
)
