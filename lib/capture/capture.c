#include "capture/capture.h"

#include "capture/inflow.h"
#include "capture/pcap.h"
#include "capture/transcript.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

struct ms_capture {
	enum ms_capture_format format;
	struct ms_inflow *inflow;
	struct ms_pcap *pcap;
	struct ms_transcript *transcript;
	bool over;
};

/* First bytes of captures of packets: pcap of both byte orders with micro- and
 * nanoseconds, a variant of old Linux systems, and pcapng. */
static const unsigned char magics[][4] = {
	{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 },
	{ 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 },
	{ 0xa1, 0xb2, 0xcd, 0x34 }, { 0x34, 0xcd, 0xb2, 0xa1 },
	{ 0x0a, 0x0d, 0x0d, 0x0a },
};

/* The words, in the order of the enum. */
static const char *const names[] = {
	"auto", "none", "pcap", "transcript", "swaks", "postfix",
	"clamsmtpd", "curl", "bsmtp", "stream", "sink", "flowsynth",
	"curltest",
};

_Static_assert(G_N_ELEMENTS(names) == MS_CAPTURE_CURLTEST + 1,
    "every format has a word");

const char *
ms_capture_name(enum ms_capture_format format)
{
	return names[format];
}

enum ms_capture_format
ms_capture_by_name(const char *word)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(word, names[i]) == 0)
			return (enum ms_capture_format)i;
	return MS_CAPTURE_NONE;
}

enum ms_capture_format
ms_capture_detect(const unsigned char *head, size_t size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
		if (size >= sizeof magics[i] &&
		    memcmp(head, magics[i], sizeof magics[i]) == 0)
			return MS_CAPTURE_PCAP;
	return ms_transcript_detect(head, size);
}

static enum ms_status
read_inflow(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	return ms_inflow_read(arg, data, size, got, err);
}

/* See what it is, if that is to be seen. */
static enum ms_status
detect(struct ms_capture *capture, struct ms_error *err)
{
	const unsigned char *head;
	enum ms_status status;
	size_t size;

	if (capture->format != MS_CAPTURE_AUTO)
		return MS_OK;
	status = ms_inflow_head(capture->inflow, &head, &size, err);
	if (status != MS_OK)
		return status;
	capture->format = ms_capture_detect(head, size);
	if (capture->format == MS_CAPTURE_NONE)
		return ms_error_set(err, MS_E_FORMAT, "%s", size == 0 ?
		    "is empty" : MS_CAPTURE_UNKNOWN);
	return MS_OK;
}

static enum ms_status
open_format(struct ms_capture *capture, struct ms_stash *stash,
    struct ms_error *err)
{
	const struct ms_pcap_config pcap = {
		.stash = stash, .read = read_inflow,
		.read_arg = capture->inflow,
	};
	const struct ms_transcript_config transcript = {
		.format = capture->format, .stash = stash,
		.read = read_inflow, .read_arg = capture->inflow,
	};

	if (capture->format == MS_CAPTURE_PCAP)
		return ms_pcap_open(&pcap, &capture->pcap, err);
	return ms_transcript_open(&transcript, &capture->transcript, err);
}

enum ms_status
ms_capture_open(int fd, enum ms_capture_format format,
    struct ms_stash *stash, struct ms_capture **capture,
    struct ms_error *err)
{
	struct ms_capture *opened = g_new0(struct ms_capture, 1);
	enum ms_status status;

	opened->format = format;
	opened->inflow = ms_inflow_new(fd);
	status = detect(opened, err);
	if (status == MS_OK)
		status = open_format(opened, stash, err);
	if (status != MS_OK) {
		ms_capture_free(opened);
		return status;
	}
	*capture = opened;
	return MS_OK;
}

void
ms_capture_free(struct ms_capture *capture)
{
	if (!capture)
		return;
	ms_pcap_free(capture->pcap);
	ms_transcript_free(capture->transcript);
	ms_inflow_free(capture->inflow);
	g_free(capture);
}

enum ms_capture_format
ms_capture_kind(const struct ms_capture *capture)
{
	return capture->format;
}

enum ms_status
ms_capture_next(struct ms_capture *capture, struct ms_dialogue **dialogue,
    struct ms_error *err)
{
	enum ms_status status;

	if (capture->over)
		return MS_END;
	status = capture->pcap ?
	    ms_pcap_next(capture->pcap, dialogue, err) :
	    ms_transcript_next(capture->transcript, dialogue, err);
	capture->over = status != MS_OK;
	return status;
}
