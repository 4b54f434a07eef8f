// SPDX-License-Identifier: Apache-2.0
#include "controlplane/admission_files.h"

#include "base/private_file.h"

#include <fmt/format.h>

namespace keelson::controlplane {
namespace {

using api::Value;

constexpr std::string_view version = "apiserver.config.k8s.io/v1";

Result<Value> readDocument(const std::filesystem::path& file)
{
    TRY_ASSIGN(const auto text, readFile(file));
    return api::parseYaml(text);
}

/// The plugin's own configuration: here, or in the file that is named.
Result<Value> configurationOf(const Value& plugin, const std::filesystem::path& folder)
{
    const auto* const here = api::find(plugin, {"configuration"});
    const auto path = api::stringAt(plugin, {"path"});
    if (here && !here->is_null())
        return path.empty() ? Result<Value>(*here)
                            : fail(Reason::Invalid, "a plugin has a path or a configuration, not both");
    return path.empty() ? Result<Value>(Value{}) : readDocument(folder / path);
}

Result<podsecurity::Configuration> read(const Value& document, const std::filesystem::path& folder)
{
    if (api::stringAt(document, {"apiVersion"}) != version ||
        api::stringAt(document, {"kind"}) != "AdmissionConfiguration")
        return fail(Reason::Invalid, fmt::format("it is no AdmissionConfiguration of {}", version));
    podsecurity::Configuration podSecurity;
    const auto* const plugins = api::find(document, {"plugins"});
    if (!plugins || plugins->is_null())
        return podSecurity;
    if (!plugins->is_array())
        return fail(Reason::Invalid, "plugins: a list is wanted");
    for (const auto& plugin : plugins->get_array()) {
        const auto name = api::stringAt(plugin, {"name"});
        if (name != "PodSecurity")
            return fail(Reason::Invalid,
                        fmt::format("plugins: \"{}\" cannot be configured, only PodSecurity can", name));
        TRY_ASSIGN(const auto configuration, configurationOf(plugin, folder));
        if (configuration.is_null())
            continue;
        auto found = podsecurity::readConfiguration(configuration);
        if (!found)
            return fail(Reason::Invalid, fmt::format("the configuration of PodSecurity: {}", found.error().message));
        podSecurity = *std::move(found);
    }
    return podSecurity;
}

} // namespace

Result<podsecurity::Configuration> readAdmissionConfiguration(const std::filesystem::path& file)
{
    if (file.empty())
        return podsecurity::Configuration{};
    const auto document = readDocument(file);
    auto found = document ? read(*document, file.parent_path()) : fail(document.error());
    if (!found)
        return fail(Reason::Invalid,
                    fmt::format("the admission configuration {}: {}", file.string(), found.error().message));
    return found;
}

} // namespace keelson::controlplane
