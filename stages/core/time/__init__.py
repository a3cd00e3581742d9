"""From words and volumes to series that can be compared."""
