#include "capture/pcap.h"

#include "capture/flows.h"
#include "capture/packet.h"

#include <errno.h>
#if HAVE_PCAP
#include <pcap/pcap.h>
#endif
#include <stdio.h>
#include <string.h>

#if HAVE_PCAP

#define BLOCK ((size_t)256 << 10)
#define TIME_MAX ((int64_t)1 << 40)	/* seconds */

struct ms_pcap {
	struct ms_pcap_config config;
	uint64_t offset;	/* bytes that were read from the file */
	enum ms_status failed;	/* of the read function */
	struct ms_error why;
	FILE *file;		/* libpcap's, once it has it */
	pcap_t *handle;
	struct ms_packet *packet;
	struct ms_flows *flows;
	struct ms_pcap_counts counts;
	enum ms_status end;	/* what follows the last dialogue */
	bool ended;
};

const char *
ms_pcap_version(void)
{
	return pcap_lib_version();
}

/* The file as libpcap reads it. */
static ssize_t
read_cookie(void *cookie, char *data, size_t size)
{
	struct ms_pcap *pcap = cookie;
	size_t got = 0;

	if (pcap->failed == MS_OK)
		pcap->failed = pcap->config.read(pcap->config.read_arg, data,
		    size, &got, &pcap->why);
	if (pcap->failed != MS_OK) {
		errno = EIO;
		return -1;
	}
	pcap->offset += got;
	return (ssize_t)got;
}

/* Where it is, and nothing else: for ftello(). */
static int
seek_cookie(void *cookie, off64_t *offset, int whence)
{
	const struct ms_pcap *pcap = cookie;

	if (whence != SEEK_CUR || *offset != 0) {
		errno = ESPIPE;
		return -1;
	}
	*offset = (off64_t)pcap->offset;
	return 0;
}

static enum ms_status
begin_link(struct ms_pcap *pcap, struct ms_error *err)
{
	int link = pcap_datalink(pcap->handle);
	const char *name = pcap_datalink_val_to_name(link);
	const char *text = pcap_datalink_val_to_description(link);

	pcap->packet = ms_packet_new(link);
	if (pcap->packet)
		return MS_OK;
	return ms_error_set(err, MS_E_UNSUPPORTED, "packets of link type %d "
	    "(%s%s%s) cannot be read; capture on an interface with Ethernet "
	    "or IP, or with tcpdump -i any", link, name ? name : "unknown",
	    text ? ": " : "", text ? text : "");
}

enum ms_status
ms_pcap_open(const struct ms_pcap_config *config, struct ms_pcap **out,
    struct ms_error *err)
{
	static const cookie_io_functions_t functions = {
		.read = read_cookie, .seek = seek_cookie,
	};
	struct ms_pcap *pcap = g_new0(struct ms_pcap, 1);
	char why[PCAP_ERRBUF_SIZE] = "";
	enum ms_status status;

	pcap->config = *config;
	pcap->file = fopencookie(pcap, "r", functions);
	if (!pcap->file) {
		ms_pcap_free(pcap);
		return ms_error_errno(err, "capture");
	}
	(void)setvbuf(pcap->file, NULL, _IOFBF, BLOCK);
	pcap->handle = pcap_fopen_offline(pcap->file, why);
	if (!pcap->handle)
		status = pcap->failed < 0 ? ms_error_set(err, pcap->failed,
		    "%s", pcap->why.text) : ms_error_set(err, MS_E_FORMAT,
		    "no capture of packets: %s", why);
	else
		status = begin_link(pcap, err);
	if (status != MS_OK) {
		ms_pcap_free(pcap);
		return status;
	}
	pcap->flows = ms_flows_new(config->stash);
	*out = pcap;
	return MS_OK;
}

void
ms_pcap_free(struct ms_pcap *pcap)
{
	if (!pcap)
		return;
	if (pcap->handle)
		pcap_close(pcap->handle);
	else if (pcap->file)
		(void)fclose(pcap->file);
	ms_packet_free(pcap->packet);
	ms_flows_free(pcap->flows);
	g_free(pcap);
}

/* The file cannot be read on: R is what libpcap said. */
static enum ms_status
stop(struct ms_pcap *pcap, int r)
{
	const char *text = pcap_geterr(pcap->handle);
	off_t at = ftello(pcap->file);

	ms_flows_end(pcap->flows);
	pcap->ended = true;
	if (r == PCAP_ERROR_BREAK)
		return MS_END;
	if (pcap->failed < 0) {
		ms_error_context(&pcap->why, "packet %llu",
		    (unsigned long long)pcap->counts.packets + 1);
		return pcap->failed;
	}
	return ms_error_set(&pcap->why, MS_E_FORMAT, "packet %llu, before "
	    "byte %lld: %s; what came before it was read",
	    (unsigned long long)pcap->counts.packets + 1,
	    (long long)(at < 0 ? (off_t)pcap->offset : at), text);
}

/* A time that is no time of any capture is none. */
static int64_t
time_of(const struct timeval *ts)
{
	if (ts->tv_sec < 0 || ts->tv_sec > TIME_MAX || ts->tv_usec < 0 ||
	    ts->tv_usec >= 1000000)
		return -1;
	return (int64_t)ts->tv_sec * 1000000 + ts->tv_usec;
}

/* One packet more. */
static enum ms_status
step(struct ms_pcap *pcap, struct ms_error *err)
{
	const unsigned char *data;
	struct pcap_pkthdr *header;
	struct ms_packet_segment segment;
	struct ms_packet_frame frame;
	int r = pcap_next_ex(pcap->handle, &header, &data);

	if (r != 1) {
		pcap->end = stop(pcap, r);
		return MS_OK;
	}
	frame = (struct ms_packet_frame){
		.number = ++pcap->counts.packets,
		.time_us = time_of(&header->ts),
		.data = data, .size = header->caplen,
		.wire_size = header->len,
	};
	pcap->counts.bytes += header->caplen;
	if (ms_packet_read(pcap->packet, &frame, &segment) != MS_OK)
		return MS_OK;
	return ms_flows_feed(pcap->flows, &segment, err);
}

enum ms_status
ms_pcap_next(struct ms_pcap *pcap, struct ms_dialogue **dialogue,
    struct ms_error *err)
{
	enum ms_status status, end;

	for (;;) {
		status = ms_flows_take(pcap->flows, dialogue, err);
		if (status != MS_END || pcap->ended)
			break;
		status = step(pcap, err);
		if (status != MS_OK)
			return status;
	}
	if (status != MS_END || pcap->end == MS_END)
		return status;
	end = pcap->end;
	pcap->end = MS_END;
	return ms_error_set(err, end, "%s", pcap->why.text);
}

const struct ms_pcap_counts *
ms_pcap_counts(struct ms_pcap *pcap)
{
	const struct ms_packet_counts *packets =
	    ms_packet_counts(pcap->packet);
	const struct ms_flows_counts *flows = ms_flows_counts(pcap->flows);

	pcap->counts.segments = flows->segments;
	pcap->counts.others = flows->others;
	pcap->counts.dialogues = flows->dialogues;
	pcap->counts.cut = packets->cut;
	pcap->counts.bad = packets->bad;
	pcap->counts.dropped = ms_packet_dropped(pcap->packet);
	return &pcap->counts;
}

#else /* without libpcap */

const char *
ms_pcap_version(void)
{
	return NULL;
}

enum ms_status
ms_pcap_open(const struct ms_pcap_config *config, struct ms_pcap **out,
    struct ms_error *err)
{
	(void)config;
	*out = NULL;
	return ms_error_set(err, MS_E_UNSUPPORTED, "captures of packets "
	    "cannot be read: this program was built without libpcap");
}

void
ms_pcap_free(struct ms_pcap *pcap)
{
	(void)pcap;
}

enum ms_status
ms_pcap_next(struct ms_pcap *pcap, struct ms_dialogue **dialogue,
    struct ms_error *err)
{
	(void)pcap;
	(void)err;
	*dialogue = NULL;
	return MS_END;
}

const struct ms_pcap_counts *
ms_pcap_counts(struct ms_pcap *pcap)
{
	static const struct ms_pcap_counts none;

	(void)pcap;
	return &none;
}

#endif
