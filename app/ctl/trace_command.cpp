// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/trace_command.h"

#include "kube/api_client.h"
#include "trace/trace_view.h"

#include <QEventLoop>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace keelson::ctl {
namespace {

constexpr std::size_t columnsDefault = 160;

struct TraceOptions {
    std::string object;
    std::string name;
    std::string nameSpace;
    std::string context;
    std::string output = "text";
    bool all = false;
};

/// Waits for the answer.
Result<kube::Response> ask(kube::ApiClient& client, kube::Request request)
{
    Result<kube::Response> answered = fail(Reason::InternalError, "no answer");
    QEventLoop loop;
    client.send(std::move(request), &loop, [&](const Result<kube::Response>& answer) {
        answered = answer;
        loop.quit();
    });
    loop.exec();
    return answered;
}

/// "deployment", "deploy", "deployments.apps": any name that discovery gives a resource.
bool isCalled(const api::Value& resource, std::string_view group, std::string_view wanted)
{
    const auto plural = api::stringAt(resource, {"resource"});
    if (wanted == plural || wanted == api::stringAt(resource, {"singularResource"}) ||
        wanted == fmt::format("{}.{}", plural, group))
        return true;
    const auto* const names = api::find(resource, {"shortNames"});
    return names && names->is_array() &&
           std::ranges::any_of(names->get_array(), [&](const api::Value& name) { return name == api::Value(wanted); });
}

/// The path of the object in the API.
Result<std::string> pathOf(const api::Value& discovered, const TraceOptions& options, const std::string& type,
                           const std::string& name)
{
    for (const auto& group : discovered.at("items").as_array()) {
        const auto groupName = api::stringAt(group, {"metadata", "name"});
        const auto* const versions = api::find(group, {"versions"});
        if (!versions || !versions->is_array())
            continue;
        for (const auto& version : versions->get_array()) {
            for (const auto& resource : version.at("resources").as_array()) {
                if (!isCalled(resource, groupName, type))
                    continue;
                const auto root = groupName.empty() ? std::string("/api") : fmt::format("/apis/{}", groupName);
                const bool namespaced = api::stringAt(resource, {"scope"}) == "Namespaced";
                return fmt::format("{}/{}{}/{}/{}", root, api::stringAt(version, {"version"}),
                                   namespaced ? "/namespaces/" + options.nameSpace : "",
                                   api::stringAt(resource, {"resource"}), name);
            }
        }
    }
    return fail(Reason::NotFound, fmt::format("the server doesn't have a resource type \"{}\"", type));
}

Result<std::string> find(kube::ApiClient& client, const TraceOptions& options)
{
    const auto slash = options.object.find('/');
    const auto type = options.object.substr(0, slash);
    const auto name = slash == std::string::npos ? options.name : options.object.substr(slash + 1);
    if (type.empty() || name.empty())
        return fail(Reason::BadRequest, "say which object: TYPE/NAME, such as deployment/web");
    Error last;
    for (const auto* const path : {"/api", "/apis"}) {
        kube::Request request;
        request.path = QString::fromLatin1(path);
        request.accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        TRY_ASSIGN(const auto answer, ask(client, std::move(request)));
        if (!answer.document || !api::find(*answer.document, {"items"}))
            return fail(Reason::NotFound, "the server is too old to keep traces; they are Keelson's own");
        auto found = pathOf(*answer.document, options, type, name);
        if (found)
            return found;
        last = found.error();
    }
    return fail(std::move(last));
}

std::size_t columns()
{
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : columnsDefault;
}

Result<Done> show(const Command& command, TraceOptions options)
{
    const auto file =
        command.kubeconfig.empty() ? kube::Kubeconfig::defaultPath() : QString::fromStdString(command.kubeconfig);
    TRY_ASSIGN(const auto config, kube::Kubeconfig::load(file));
    TRY_ASSIGN(auto access, config.access(QString::fromStdString(options.context)));
    if (options.nameSpace.empty())
        options.nameSpace = access.nameSpace.toStdString();
    kube::ApiClient client(std::move(access));
    TRY_ASSIGN(const auto path, find(client, options));
    kube::Request request;
    request.path = QString::fromStdString("/trace/v1" + path);
    if (options.all)
        request.query.addQueryItem(QStringLiteral("all"), QStringLiteral("true"));
    if (options.output == "otlp")
        request.query.addQueryItem(QStringLiteral("format"), QStringLiteral("otlp"));
    TRY_ASSIGN(const auto answer, ask(client, std::move(request)));
    if (options.output != "text" || !answer.document) {
        fmt::print("{}", answer.text.toStdString());
        return Done{};
    }
    TRY_ASSIGN(const auto view, trace::readTrace(*answer.document));
    fmt::print("{}", trace::traceText(view, columns()));
    return Done{};
}

} // namespace

void declareTraceCommand(CLI::App& app, Command& command)
{
    const auto options = std::make_shared<TraceOptions>();
    auto* made = app.add_subcommand("trace", "What became of an object, step by step, from apply to Ready");
    made->add_option("object", options->object, "TYPE/NAME or TYPE NAME, such as deployment/web")->required();
    made->add_option("name", options->name, "The object's name, where TYPE stands alone");
    made->add_option("-n,--namespace", options->nameSpace, "Its namespace (the context's)");
    made->add_option("--kubeconfig", command.kubeconfig, "Which clusters there are ($KUBECONFIG, ~/.kube/config)");
    made->add_option("--context", options->context, "Which of them (the current one)");
    made->add_option("-o,--output", options->output, "text, json, or otlp to post to an OpenTelemetry collector")
        ->check(CLI::IsMember({"text", "json", "otlp"}));
    made->add_flag("--all", options->all, "All that is kept, not from the last change of the spec on");
    made->callback([&command, options] {
        command.run = [&command, options] {
            const auto shown = show(command, *options);
            if (!shown)
                fmt::print(stderr, "keelsonctl: {}\n", shown.error().message);
            return shown ? 0 : 1;
        };
    });
}

} // namespace keelson::ctl
