"""A project on another body: its bodies converted, its verdicts and its history kept."""
