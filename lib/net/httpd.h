#ifndef MS_HTTPD_H
#define MS_HTTPD_H

#include "net/loop.h"

#include <glib.h>

/*
 * A server of HTTP/1.1 (RFC 9112) for monitors: GET and HEAD of a few texts,
 * one a connection. There are never more than a few connections, and none
 * stays for long or says much.
 */

struct ms_httpd;

/* Answer a request for PATH, which is not quoted, with a text in BODY: 200,
 * 404 or 503 is returned. */
typedef int ms_httpd_answer(void *arg, const char *path, GString *body);

/* Accept from FD, which stays the caller's and outlives the server. */
struct ms_httpd *ms_httpd_new(struct ms_loop *loop, int fd,
    ms_httpd_answer *answer, void *arg);
/* Connections end as well. */
void ms_httpd_free(struct ms_httpd *httpd);

/* Bytes of a request that are looked at, and of the path in it. */
#define MS_HTTPD_HEAD_MAX 8192
#define MS_HTTPD_PATH_MAX 256

struct ms_httpd_request {
	char path[MS_HTTPD_PATH_MAX];	/* without what stands behind ? */
	bool head;		/* HEAD: only the header is wanted */
};

/* What the SIZE bytes at DATA ask for. 0: their end is missing. 200: REQUEST is
 * filled. Else the status to answer with. */
int ms_httpd_parse(const unsigned char *data, size_t size,
    struct ms_httpd_request *request);

#endif
