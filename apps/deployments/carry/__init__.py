"""What the next group is given beside its creation, like the serving one's. Pure: descriptions in, puts out.

Every member of each of AWS's shapes is carried, set by us, or refused by name; see `tables`.
"""
