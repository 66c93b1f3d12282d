"""The explorer: a page on this machine on which every value of a device is a control, and its physics follows."""
