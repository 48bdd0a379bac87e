"""The demo project that ships ready made."""
