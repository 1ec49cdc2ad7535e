"""The door of recorders: watched folders, hooks and lists of segments, streams, and an element for GStreamer.

`recorder` holds the Protocol by which a recorder says which segments are finished; `watch` masks each of them exactly once.
Nothing is imported here: `privmask hook`, for which recorders wait, must come with the standard library alone.
"""
