"""An image network trained on labelled images."""
