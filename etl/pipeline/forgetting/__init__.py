"""The steps of `forget`: find the person, make the plan's files anew without them, put these in their places."""
