"""privmask as an element of GStreamer pipelines: raw pictures in, the same buffers out with their zones hidden.

`python/privmask_element.py` is the element, found by GStreamer's loader of Python plugins where `privmask gst-env` points it;
it is the only module that knows GStreamer. `buffers` hides in the bytes of a buffer and knows no GStreamer, `layout` says where
in them the planes lie, and `environment` what a process needs so that its GStreamer finds all this.

An element that raises hands its buffer on as it came. So nothing here may be raised past the element: whatever happens, the
answer is a flow error, which ends the pipeline, and the buffer stays inside.
"""
