"""People who look at scenes, in the layout of the Natural Scenes Dataset."""
