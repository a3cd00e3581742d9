"""Ceilings: how well any model could agree with what was measured, by what each bounds."""
