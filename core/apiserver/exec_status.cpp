// SPDX-License-Identifier: Apache-2.0
#include "apiserver/exec_status.h"

#include "apiserver/status_document.h"

#include <fmt/format.h>

namespace keelson::apiserver {

api::Value execStatus(const Result<int>& exitCode)
{
    if (!exitCode)
        return statusDocument(exitCode.error());
    if (*exitCode == 0)
        return api::Object{{"metadata", api::Object{}}, {"status", "Success"}};
    api::Object cause{{"reason", "ExitCode"}, {"message", std::to_string(*exitCode)}};
    return api::Object{{"metadata", api::Object{}},
                       {"status", "Failure"},
                       {"message", fmt::format("command terminated with non-zero exit code: {}", *exitCode)},
                       {"reason", "NonZeroExitCode"},
                       {"details", api::Object{{"causes", api::Array{std::move(cause)}}}}};
}

Result<client::ExecOptions> execOptions(const Query& query, bool attach)
{
    client::ExecOptions options;
    if (!attach)
        options.command = query.all("command");
    options.input = query.flag("stdin");
    options.terminal = query.flag("tty");
    options.output = query.flag("stdout");
    options.error = query.flag("stderr") && !options.terminal;
    if (!attach && options.command.empty())
        return fail(Reason::BadRequest, "you must specify at least one command for the container");
    if (!options.input && !options.output && !options.error)
        return fail(Reason::BadRequest, "you must specify at least one of stdin, stdout, stderr");
    return options;
}

std::optional<std::pair<int, int>> terminalSize(std::string_view json)
{
    constexpr std::int64_t sizeMax = 10'000;
    const auto document = api::parseJson(json);
    if (!document)
        return std::nullopt;
    const auto columns = api::integerAt(*document, {"Width"});
    const auto rows = api::integerAt(*document, {"Height"});
    if (columns < 1 || rows < 1 || columns > sizeMax || rows > sizeMax)
        return std::nullopt;
    return std::pair(static_cast<int>(columns), static_cast<int>(rows));
}

} // namespace keelson::apiserver
