"""From rows to pages: what selectors answer becomes the frozen values that templates draw."""
