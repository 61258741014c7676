"""How gateways write down a format of their lines, and what is read of it: a notation each."""
