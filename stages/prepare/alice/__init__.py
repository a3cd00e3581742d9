"""Alice in Wonderland (Brennan et al. 2016)."""
