"""Who somebody is: towns, roles, invitations and requests, and what a person may know and erase about themselves."""
