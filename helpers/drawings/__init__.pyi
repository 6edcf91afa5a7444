from .filtering import filter_before_and_after as filter_before_and_after
from .retries import retry_waves as retry_waves
from .retrieval import question_to_answer as question_to_answer
from .streaming import whole_against_streamed as whole_against_streamed
from .svg import Canvas as Canvas
from .svg import Drawing as Drawing
from .tool_loop import tool_loop as tool_loop
