#!/usr/bin/env python3
"""Renders a model's chat template. Ponder starts it once, when a run begins or a command opens a model.

Standard input:  {"template": TEXT, "seconds": NUMBER, "tokens": {"bos_token": TEXT, ...},
                  "conversations": [[{"role", "content"}, ...], ...]}
Standard output: {"jinja2": false} without jinja2, else
                 {"jinja2": true, "texts": [{"text": TEXT} or {"error": TEXT}, ...]}, one for each conversation

A template comes with a model, so it is code of a stranger: it runs in jinja2's immutable sandbox, sees only what is
written here, and has little memory and processor time, at whose end the system kills this process.
"""

import datetime
import json
import resource
import sys

MEMORY = 1 << 30  # bytes of address space


def environment():
    """The environment in which transformers renders a chat template."""
    import jinja2.exceptions
    import jinja2.ext
    import jinja2.nodes
    import jinja2.sandbox

    class Generation(jinja2.ext.Extension):
        """{% generation %} marks what an assistant said, for training on it; its text stays."""

        tags = {"generation"}

        def parse(self, parser):
            line = next(parser.stream).lineno
            body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
            return jinja2.nodes.Scope(body, lineno=line)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )

    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda form: datetime.datetime.now().strftime(form)
    return made


def failure(error):
    if isinstance(error, MemoryError):
        return {"error": "it takes more than 1 GiB of memory"}
    return {"error": f"{type(error).__name__}: {error}"[:1000]}


def rendered(template, messages, tokens):
    try:
        text = template.render(
            messages=messages, tools=None, documents=None, add_generation_prompt=True, **tokens
        )
        return {"text": text}
    except Exception as error:  # the template's author chose the error and its message
        return failure(error)


def main():
    job = json.load(sys.stdin)
    try:
        made = environment()
    except ImportError:
        json.dump({"jinja2": False}, sys.stdout)
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
    try:
        template = made.from_string(job["template"])
    except Exception as error:
        texts = [failure(error)] * len(job["conversations"])
    else:
        texts = [rendered(template, messages, job["tokens"]) for messages in job["conversations"]]
    json.dump({"jinja2": True, "texts": texts}, sys.stdout)


if __name__ == "__main__":
    main()
