"""How Vietnamese texts, figures and moments are written and sorted."""
