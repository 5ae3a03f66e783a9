"""The one way out: every push is a row before it is sent, under one pace, when it suits the person."""
