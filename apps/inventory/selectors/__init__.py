"""Reading the inventory: constant numbers of queries a page, whatever the fleet's size."""
