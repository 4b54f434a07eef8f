// SPDX-License-Identifier: Apache-2.0
#include "apiserver/trace_routes.h"

#include "trace/trace.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

namespace keelson::apiserver {
namespace {

/// Which objects the caller may get; each kind in each namespace is asked about once.
class Visible {
public:
    explicit Visible(Call& call) : m_call(call) {}

    bool operator()(const trace::Subject& subject)
    {
        const auto key = std::tuple(subject.group, subject.kind, subject.nameSpace);
        const auto found = m_known.find(key);
        return found != m_known.end() ? found->second : m_known[key] = ask(subject);
    }

private:
    bool ask(const trace::Subject& subject) const
    {
        for (const auto* const kind : m_call.catalog().kinds()) {
            if (kind->kind == subject.kind && kind->groupVersion.group == subject.group)
                return m_call.options()
                    .authorizer
                    ->authorize(m_call.user, {"get", subject.group, kind->groupVersion.version, kind->plural, "",
                                              subject.nameSpace, "", ""})
                    .allowed;
        }
        return false;
    }

    Call& m_call;
    std::map<std::tuple<std::string, std::string, std::string>, bool> m_known;
};

Result<api::Value> answer(Call& call, const api::Kind& kind)
{
    if (!call.options().traces)
        return fail(Reason::NotFound, "this server keeps no traces");
    TRY_ASSIGN(const auto object, call.registry().get(kind, call.info().key()));
    const auto format = call.request().query.get("format");
    if (!format.empty() && format != "otlp")
        return fail(Reason::BadRequest,
                    fmt::format("format \"{}\" is not known; leave it out, or ask for otlp", format));
    Visible visible(call);
    const auto trace = trace::traceOf(*call.options().traces, object->uid,
                                      {.all = call.request().query.flag("all"), .shows = std::ref(visible)});
    return format.empty() ? trace::documentOf(trace) : trace::otlpOf(trace);
}

} // namespace

void serveTrace(const std::shared_ptr<Call>& call, const api::Kind& kind)
{
    if (call->info().verb != "get" || !call->info().subresource.empty())
        return call->respondError(makeError(Reason::MethodNotAllowed, "the trace of one object can be read, by GET"));
    call->runBlocking([&kind](Call& self) { // looks through all that is kept
        if (const auto answered = answer(self, kind))
            self.respond(Response::text(200, "application/json", api::writeJson(*answered) + "\n"));
        else
            self.respondError(answered.error());
    });
}

} // namespace keelson::apiserver
