#include "serve/service.h"

#include "base/clock.h"
#include "base/pidfile.h"
#include "base/rights.h"
#include "net/post.h"
#include "pool/detach.h"
#include "serve/chronicle.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct ms_service {
	struct ms_service_config config;
	int pidfile;		/* -1: none */
	int post;		/* -1: no manager */
	int64_t sign_ms;	/* when the next one is due */
};

static void
tell(const struct ms_service *service, const char *text)
{
	if (service->post >= 0)
		(void)ms_post_send(service->post, service->config.manager,
		    text, strlen(text));
}

static enum ms_status
begin(struct ms_service *service, struct ms_error *err)
{
	const struct ms_service_config *config = &service->config;
	enum ms_status status = MS_OK;

	if (config->manager)
		status = ms_post_check(config->manager, err);
	if (status == MS_OK && config->manager)
		status = ms_post_open(&service->post, err);
	if (status == MS_OK && config->pidfile)
		status = ms_pidfile_open(config->pidfile, &service->pidfile,
		    err);
	if (status == MS_OK && config->pidfile)
		status = ms_pidfile_write(service->pidfile, err);
	if (status == MS_OK && config->user)
		status = ms_rights_take(config->user, config->group, err);
	if (status == MS_OK && ms_rights_are_all())
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
		    "it runs with all rights of root: say whose it is to have "
		    "(--user)");
	return status;
}

enum ms_status
ms_service_new(const struct ms_service_config *config,
    struct ms_service **service, struct ms_error *err)
{
	enum ms_status status;

	*service = g_new0(struct ms_service, 1);
	(*service)->config = *config;
	(*service)->pidfile = (*service)->post = -1;
	status = begin(*service, err);
	if (status == MS_OK)
		return MS_OK;
	ms_service_free(*service);
	*service = NULL;
	return status;
}

void
ms_service_free(struct ms_service *service)
{
	if (!service)
		return;
	if (service->pidfile >= 0)
		ms_pidfile_remove(service->config.pidfile, service->pidfile);
	if (service->post >= 0)
		(void)close(service->post);
	g_free(service);
}

void
ms_service_ready(struct ms_service *service, const char *status)
{
	char *text = g_strdup_printf("READY=1\nSTATUS=%s\n", status);

	tell(service, text);
	g_free(text);
	if (service->config.detached)
		ms_detach_end(service->config.detach, service->config.loud);
	service->config.detached = false;
	if (service->config.terminal && *service->config.terminal >= 0) {
		(void)close(*service->config.terminal);
		*service->config.terminal = -1;
	}
}

void
ms_service_reloading(struct ms_service *service)
{
	/* The manager compares this with when it has asked for it. */
	char *text = g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%"
	    G_GINT64_FORMAT "\n", (ms_clock_ms() + 1) * 1000);

	tell(service, text);
	g_free(text);
}

void
ms_service_stopping(struct ms_service *service)
{
	tell(service, "STOPPING=1\n");
}

int64_t
ms_service_due(const struct ms_service *service)
{
	return service->post < 0 || service->config.watchdog_ms == 0 ? -1 :
	    service->sign_ms;
}

void
ms_service_do(struct ms_service *service)
{
	const int64_t due_ms = ms_service_due(service), now = ms_clock_ms();

	if (due_ms < 0 || now < due_ms)
		return;
	tell(service, "WATCHDOG=1\n");
	service->sign_ms = now + service->config.watchdog_ms / 2;
}

enum ms_status
ms_service_signals(int *fd, struct ms_error *err)
{
	sigset_t caught;

	(void)sigemptyset(&caught);
	(void)sigaddset(&caught, SIGCHLD);
	(void)sigaddset(&caught, SIGTERM);
	(void)sigaddset(&caught, SIGINT);
	(void)sigaddset(&caught, SIGHUP);
	(void)sigaddset(&caught, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &caught, NULL);
	*fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	return *fd < 0 ? ms_error_errno(err, "cannot catch signals") : MS_OK;
}
