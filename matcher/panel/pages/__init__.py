"""The pages of the panel, one file a screen: each view carries its act, and none decides a rule."""
