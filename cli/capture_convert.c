#include "captures.h"

#include "exit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where dialogues go. */
struct conversion {
	enum capture_to to;
	struct ms_redact *redact;	/* NULL: as they are */
	FILE *stream;
	struct ms_whole *whole;		/* NULL: standard output */
	struct ms_pcapout *pcap;
	uint64_t count;			/* dialogues so far */
};

static enum ms_status
put(void *arg, const void *data, size_t size, struct ms_error *err)
{
	const struct conversion *c = arg;

	if (fwrite(data, 1, size, c->stream) == size)
		return MS_OK;
	return ms_error_errno(err, "cannot be written");
}

static enum ms_status
begin(struct conversion *c, struct ms_error *err)
{
	if (c->to == CAPTURE_TO_PCAP)
		return ms_pcapout_begin(fileno(c->stream), &c->pcap, err);
	return ms_script_begin(put, c, err);
}

static enum ms_status
write_dialogue(struct conversion *c, struct ms_dialogue *dialogue,
    struct ms_error *err)
{
	/* Those of several captures have one numbering. */
	dialogue->number = ++c->count;
	if (c->to == CAPTURE_TO_PCAP)
		return ms_pcapout_dialogue(c->pcap, dialogue, err);
	return ms_script_write(dialogue, put, c, err);
}

static enum ms_status
convert(void *arg, const char *path, enum ms_capture_format format,
    struct ms_dialogue *dialogue, struct ms_error *err)
{
	struct conversion *c = arg;
	struct ms_dialogue *redacted;
	enum ms_status status;

	(void)path;
	(void)format;
	if (!c->redact)
		return write_dialogue(c, dialogue, err);
	status = ms_redact(c->redact, dialogue, &redacted, err);
	if (status != MS_OK)
		return status;
	status = write_dialogue(c, redacted, err);
	ms_dialogue_free(redacted);
	return status;
}

/* The end of the file. */
static enum ms_status
end(struct conversion *c, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (c->pcap)
		status = ms_pcapout_end(c->pcap, err);
	c->pcap = NULL;
	if (status == MS_OK && fflush(c->stream) != 0)
		status = ms_error_errno(err, "cannot be written");
	return status;
}

/* Would the output be written over one of the PATHS? */
static bool
is_input(const char *output, int count, char **paths)
{
	struct stat to, from;

	if (!output || stat(output, &to) != 0 || !S_ISREG(to.st_mode))
		return false;
	for (int i = 0; i < count; i++)
		if (stat(paths[i], &from) == 0 && from.st_dev == to.st_dev &&
		    from.st_ino == to.st_ino)
			return true;
	return false;
}

/* Open what is to be written. False: that was explained. */
static bool
open_output(const struct command *cmd, const struct capture_options *options,
    struct conversion *c)
{
	struct ms_error err;

	c->to = (enum capture_to)options->to;
	c->stream = stdout;
	if (!options->output && c->to == CAPTURE_TO_PCAP &&
	    isatty(STDOUT_FILENO)) {
		(void)option_error(cmd, "a pcap file is nothing for a "
		    "terminal; say --output=FILE");
		return false;
	}
	if (!options->output)
		return true;
	if (ms_whole_open(options->output, &c->whole, &err) != MS_OK) {
		(void)option_error(cmd, "%s", err.text);
		return false;
	}
	c->stream = ms_whole_stream(c->whole);
	return true;
}

/* False: it could not be written, which was said. */
static bool
close_output(struct conversion *c, const char *name, bool lost)
{
	struct ms_error err;
	bool ok = !lost;

	/* Also so that it is freed. */
	if (end(c, &err) != MS_OK && ok) {
		captures_complain(name, &err);
		ok = false;
	}
	if (c->whole && !ok)
		ms_whole_discard(c->whole);
	else if (c->whole && ms_whole_commit(c->whole, &err) != MS_OK) {
		captures_complain(name, &err);
		ok = false;
	}
	return ok;
}

int
capture_convert(const struct command *cmd,
    const struct capture_options *options, int count, char **paths)
{
	const char *name = options->output ? options->output :
	    "standard output";
	struct conversion c = { 0 };
	struct ms_error err;
	bool lost = false, ok;

	if (is_input(options->output, count, paths))
		return option_error(cmd, "--output would overwrite a capture "
		    "that is to be read");
	if (!open_output(cmd, options, &c))
		return EXIT_TROUBLE;
	if (options->redact)
		c.redact = ms_redact_new();
	ok = begin(&c, &err) == MS_OK;
	if (!ok) {
		captures_complain(name, &err);
		lost = true;
	} else {
		ok = captures_each(options, count, paths, convert, &c, &lost);
	}
	/* Nothing at all is no reason to replace what was there. */
	ok = close_output(&c, name, lost || (!ok && c.count == 0)) && ok;
	ms_redact_free(c.redact);
	return ok ? EXIT_CLEAN : EXIT_TROUBLE;
}
