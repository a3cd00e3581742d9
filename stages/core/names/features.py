"""The families that features form, by their type."""

# By type, so that no name can be lost (Wehbe et al. 2014 annotate ten types).
FAMILIES = {
    "NNSE": "semantics",
    "Speech": "discourse",
    "Motion": "discourse",
    "Emotion": "discourse",
    "Verbs": "discourse",
    "Characters": "discourse",
    "Word_Num": "syntax",
    "Part_of_speech": "syntax",
    "Dependency_role": "syntax",
    "Visual": "visual",
}


def feature_type(name: str) -> str:
    """Return the type of a feature named `type/name`."""
    return name.split("/", 1)[0]


def family(name: str) -> str:
    """Return the family of a feature named `type/name`: that of its type, or else the type."""
    kind = feature_type(name)
    return FAMILIES.get(kind, kind)
