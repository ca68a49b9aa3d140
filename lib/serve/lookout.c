#include "serve/lookout.h"

#include "base/clock.h"
#include "net/httpd.h"
#include "serve/scansock.h"

#include <string.h>

struct ms_lookout {
	struct ms_inquiry *inquiry;
	struct ms_metrics *metrics;
	GPtrArray *monitors, *doors;
	bool draining;
};

static int
show_metrics(const struct ms_lookout *lookout, GString *body)
{
	ms_metrics_set(lookout->metrics, MS_METRICS_SCANNERS,
	    ms_inquiry_is_answered(lookout->inquiry));
	ms_metrics_print(lookout->metrics, ms_clock_wall(), body);
	return 200;
}

static int
show_health(const struct ms_lookout *lookout, GString *body)
{
	const char *wrong = NULL;

	if (lookout->draining)
		wrong = "ending";
	else if (!ms_inquiry_is_answered(lookout->inquiry))
		wrong = "no scanner";
	g_string_append_printf(body, "%s\n", wrong ? wrong : "ok");
	return wrong ? 503 : 200;
}

static int
on_request(void *arg, const char *path, GString *body)
{
	const struct ms_lookout *lookout = arg;

	if (strcmp(path, "/metrics") == 0)
		return show_metrics(lookout, body);
	if (strcmp(path, "/healthz") == 0)
		return show_health(lookout, body);
	return 404;
}

static void
free_httpd(gpointer httpd)
{
	ms_httpd_free(httpd);
}

static void
free_door(gpointer door)
{
	ms_scansock_free(door);
}

struct ms_lookout *
ms_lookout_new(struct ms_loop *loop, struct ms_inquiry *inquiry,
    const struct ms_lookout_config *config)
{
	struct ms_lookout *lookout = g_new0(struct ms_lookout, 1);

	lookout->inquiry = inquiry;
	lookout->metrics = config->metrics;
	lookout->monitors = g_ptr_array_new_with_free_func(free_httpd);
	lookout->doors = g_ptr_array_new_with_free_func(free_door);
	for (size_t i = 0; i < config->monitor_count; i++)
		g_ptr_array_add(lookout->monitors, ms_httpd_new(loop,
		    config->monitors[i], on_request, lookout));
	for (size_t i = 0; i < config->door_count; i++)
		g_ptr_array_add(lookout->doors, ms_scansock_new(loop,
		    config->doors[i], inquiry, config->metrics));
	return lookout;
}

void
ms_lookout_free(struct ms_lookout *lookout)
{
	if (!lookout)
		return;
	g_ptr_array_unref(lookout->monitors);
	g_ptr_array_unref(lookout->doors);
	g_free(lookout);
}

void
ms_lookout_drain(struct ms_lookout *lookout)
{
	if (!lookout)
		return;
	lookout->draining = true;
	g_ptr_array_set_size(lookout->doors, 0);
}
