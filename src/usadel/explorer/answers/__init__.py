"""What follows an input of the page: session, stages, pictures, messages. Knows no web."""
