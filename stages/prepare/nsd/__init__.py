"""The Natural Scenes Dataset (Allen et al. 2022), and releases in its layout."""
