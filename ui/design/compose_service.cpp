// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/compose_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace keelson::design {

namespace {

using api::Array;
using api::Object;
using api::Value;

std::optional<std::int64_t> integerOf(std::string_view text)
{
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string textOf(const Value& value)
{
    if (value.is_string())
        return std::string(value.get_string());
    return value.is_null() ? std::string() : value.is_number() ? api::numberText(value) : api::writeJson(value);
}

/// "512m", "1gb" as Compose counts: powers of 1024. Empty: not understood.
std::string memoryOf(const Value& value)
{
    auto text = textOf(value);
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    if (text.ends_with('b'))
        text.pop_back();
    const auto unit = text.empty() ? '0' : text.back();
    const auto* suffix = unit == 'k' ? "Ki" : unit == 'm' ? "Mi" : unit == 'g' ? "Gi" : "";
    if (*suffix)
        text.pop_back();
    return integerOf(text) ? text + suffix : std::string();
}

/// A command line in words, with quotes as a shell reads them.
Array wordsOf(std::string_view text)
{
    Array words;
    std::string word;
    char quote = 0;
    bool isWord = false;
    for (const char c : text) {
        if (quote != 0) {
            if (c == quote)
                quote = 0;
            else
                word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            isWord = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (isWord)
                words.emplace_back(word);
            word.clear();
            isWord = false;
        } else {
            word += c;
            isWord = true;
        }
    }
    if (isWord)
        words.emplace_back(word);
    return words;
}

Array commandOf(const Value& value)
{
    if (value.is_string())
        return wordsOf(value.get_string());
    Array words;
    if (value.is_array())
        for (const auto& item : value.get_array())
            words.emplace_back(textOf(item));
    return words;
}

std::int64_t secondsOf(const Value& value)
{
    const auto text = textOf(value);
    if (const auto number = integerOf(text))
        return *number;
    std::int64_t seconds = 0;
    std::int64_t number = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (std::isdigit(static_cast<unsigned char>(c)))
            number = number * 10 + (c - '0');
        else {
            const bool isMilli = c == 'm' && i + 1 < text.size() && text[i + 1] == 's';
            seconds += c == 'h' ? number * 3600 : isMilli ? 0 : c == 'm' ? number * 60 : c == 's' ? number : 0;
            i += isMilli ? 1 : 0;
            number = 0;
        }
    }
    return std::max<std::int64_t>(seconds, 1);
}

class ServiceReader {
public:
    ServiceReader(const std::string& name, const Value& service, ComposeResult& result)
        : m_place("services." + name), m_name(composeName(name)), m_service(service), m_result(result)
    {
    }

    Result<Done> read()
    {
        if (std::ranges::any_of(m_result.objects, [&](const Value& known) {
                return api::stringAt(known, {"kind"}) == "Deployment" &&
                       api::stringAt(known, {"metadata", "name"}) == m_name;
            }))
            return fail(Reason::Invalid,
                        fmt::format("{} would be called {}, as another is: rename one of them", m_place, m_name));
        if (m_place != "services." + m_name)
            m_result.notes.push_back({m_place, fmt::format("it is called {} here, and must be asked for by that name: "
                                                           "names are of small letters, digits and dashes",
                                                           m_name)});
        const auto image = api::stringAt(m_service, {"image"});
        if (image.empty())
            return fail(Reason::Invalid,
                        m_place + (api::find(m_service, {"build"})
                                       ? " is built from sources: build its image, push it to a registry, "
                                         "and name it as \"image\""
                                       : " has no image"));
        m_container = {{"name", m_name}, {"image", image}};
        for (const auto& member : m_service.get_object())
            take(member.key(), member.value());
        write();
        return Done{};
    }

private:
    using Taker = void (ServiceReader::*)(const Value&);

    void note(std::string_view key, std::string message)
    {
        m_result.notes.push_back({m_place + "." + std::string(key), std::move(message)});
    }

    void take(std::string_view key, const Value& value)
    {
        static constexpr std::array<std::pair<std::string_view, Taker>, 22> takers{
            {{"command", &ServiceReader::command},
             {"entrypoint", &ServiceReader::entrypoint},
             {"environment", &ServiceReader::environment},
             {"ports", &ServiceReader::ports},
             {"expose", &ServiceReader::expose},
             {"volumes", &ServiceReader::volumes},
             {"tmpfs", &ServiceReader::tmpfs},
             {"configs", &ServiceReader::configs},
             {"secrets", &ServiceReader::secrets},
             {"deploy", &ServiceReader::deploy},
             {"mem_limit", &ServiceReader::memory},
             {"cpus", &ServiceReader::cpus},
             {"healthcheck", &ServiceReader::health},
             {"restart", &ServiceReader::restart},
             {"user", &ServiceReader::user},
             {"labels", &ServiceReader::labels},
             {"cap_add", &ServiceReader::capabilitiesAdded},
             {"cap_drop", &ServiceReader::capabilitiesDropped},
             {"stop_grace_period", &ServiceReader::gracePeriod},
             {"depends_on", &ServiceReader::dependsOn},
             {"networks", &ServiceReader::nothing},
             {"image", &ServiceReader::nothing}}};
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> flags{
            {{"stdin_open", "stdin"},
             {"tty", "tty"},
             {"privileged", "privileged"},
             {"read_only", "readOnlyRootFilesystem"}}};
        const auto* taker = std::ranges::find(takers, key, &std::pair<std::string_view, Taker>::first);
        const auto* flag = std::ranges::find(flags, key, &std::pair<std::string_view, std::string_view>::first);
        if (taker != takers.end())
            (this->*taker->second)(value);
        else if (flag != flags.end() && (flag->second == "stdin" || flag->second == "tty"))
            m_container[flag->second] = value;
        else if (flag != flags.end())
            m_security[flag->second] = value;
        else if (key == "working_dir")
            m_container["workingDir"] = value;
        else
            note(key, reasonFor(key));
    }

    static std::string reasonFor(std::string_view key)
    {
        if (key == "build")
            return "left out: the image that is named must be built and pushed by other means";
        if (key == "env_file")
            return "its file is not read: make a ConfigMap from it and connect it to the Deployment";
        if (key == "container_name" || key == "hostname")
            return "left out: others reach it by the name of its Service";
        if (key == "network_mode" || key == "links" || key == "dns")
            return "left out: pods have the network of the cluster";
        return "has no counterpart and was left out";
    }

    void nothing(const Value&) {}
    void command(const Value& value) { m_container["args"] = commandOf(value); }
    void entrypoint(const Value& value) { m_container["command"] = commandOf(value); }

    void environment(const Value& value)
    {
        Array variables;
        const auto add = [&](std::string_view name, const Value& text, bool hasValue) {
            if (hasValue)
                variables.push_back(Object{{"name", name}, {"value", textOf(text)}});
            else
                note("environment." + std::string(name), "its value comes from the shell and is not known here");
        };
        if (value.is_object())
            for (const auto& member : value.get_object())
                add(member.key(), member.value(), !member.value().is_null());
        else if (value.is_array())
            for (const auto& item : value.get_array()) {
                const auto text = textOf(item);
                const auto equals = text.find('=');
                add(text.substr(0, equals), Value(equals == text.npos ? "" : text.substr(equals + 1)),
                    equals != text.npos);
            }
        if (!variables.empty())
            m_container["env"] = std::move(variables);
    }

    void addPort(std::int64_t target, std::int64_t published, const std::string& protocol)
    {
        const auto upper = protocol == "udp" ? "UDP" : "TCP";
        const auto isSame = [&](const Value& port) {
            return api::integerAt(port, {"containerPort"}) == target &&
                   (api::stringAt(port, {"protocol"}) == "UDP") == (protocol == "udp");
        };
        if (std::ranges::none_of(m_ports, isSame)) {
            Object port{{"containerPort", target}};
            if (protocol == "udp")
                port["protocol"] = upper;
            m_ports.push_back(std::move(port));
        }
        Object port{{"name", fmt::format("{}-{}", protocol == "udp" ? "udp" : "port", published)}, {"port", published}};
        if (published != target)
            port["targetPort"] = target;
        if (protocol == "udp")
            port["protocol"] = upper;
        if (std::ranges::none_of(m_servicePorts, [&](const Value& known) { return known == Value(port); }))
            m_servicePorts.push_back(std::move(port));
    }

    void ports(const Value& value)
    {
        if (!value.is_array())
            return;
        for (const auto& item : value.get_array()) {
            if (item.is_object()) {
                const auto target = api::integerAt(item, {"target"});
                const auto* published = api::find(item, {"published"});
                addPort(target, published ? integerOf(textOf(*published)).value_or(target) : target,
                        std::string(api::stringAt(item, {"protocol"})));
                continue;
            }
            auto text = textOf(item);
            std::string protocol;
            if (const auto slash = text.find('/'); slash != text.npos) {
                protocol = text.substr(slash + 1);
                text.erase(slash);
            }
            const auto colon = text.rfind(':');
            const auto target = integerOf(colon == text.npos ? text : text.substr(colon + 1));
            auto before = colon == text.npos ? std::string() : text.substr(0, colon);
            if (const auto address = before.rfind(':'); address != before.npos)
                before.erase(0, address + 1);
            const auto published = before.empty() ? target : integerOf(before);
            if (target && published)
                addPort(*target, *published, protocol);
            else
                note("ports", fmt::format("\"{}\" is a range or not understood, and was left out", textOf(item)));
        }
    }

    void expose(const Value& value)
    {
        for (const auto& item : value.is_array() ? value.get_array() : Array())
            if (const auto port = integerOf(textOf(item)))
                addPort(*port, *port, {});
    }

    void addMount(Object volume, const std::string& path, bool isReadOnly)
    {
        const auto name = volume["name"];
        if (std::ranges::none_of(m_volumes, [&](const Value& known) { return *api::find(known, {"name"}) == name; }))
            m_volumes.push_back(std::move(volume));
        Object mount{{"name", name}, {"mountPath", path}};
        if (isReadOnly)
            mount["readOnly"] = true;
        m_mounts.push_back(std::move(mount));
    }

    void addVolume(const std::string& source, const std::string& target, bool isReadOnly)
    {
        if (source.empty()) {
            addMount({{"name", fmt::format("scratch-{}", m_mounts.size() + 1)}, {"emptyDir", Object()}}, target,
                     isReadOnly);
        } else if (source.starts_with('.') || source.starts_with('/') || source.starts_with('~')) {
            note("volumes", fmt::format("{} on the machine has no counterpart in a cluster: put what it holds into the "
                                        "image, a ConfigMap or a claim, and mount that at {}",
                                        source, target));
        } else {
            const auto name = composeName(source);
            addMount({{"name", name}, {"persistentVolumeClaim", Object{{"claimName", name}}}}, target, isReadOnly);
        }
    }

    void volumes(const Value& value)
    {
        for (const auto& item : value.is_array() ? value.get_array() : Array()) {
            if (item.is_object()) {
                const auto type = api::stringAt(item, {"type"});
                const std::string target(api::stringAt(item, {"target"}));
                if (type == "tmpfs")
                    tmpfs(Value(target));
                else
                    addVolume(std::string(api::stringAt(item, {"source"})), target, api::boolAt(item, {"read_only"}));
                continue;
            }
            const auto text = textOf(item);
            const auto first = text.find(':');
            const auto second = first == text.npos ? text.npos : text.find(':', first + 1);
            const bool isReadOnly = second != text.npos && text.substr(second + 1).starts_with("ro");
            if (first == text.npos)
                addVolume({}, text, false);
            else
                addVolume(text.substr(0, first), text.substr(first + 1, second - first - 1), isReadOnly);
        }
    }

    void tmpfs(const Value& value)
    {
        for (const auto& path : value.is_array() ? value.get_array() : Array{value})
            addMount(
                {{"name", fmt::format("memory-{}", m_mounts.size() + 1)}, {"emptyDir", Object{{"medium", "Memory"}}}},
                textOf(path), false);
    }

    void files(const Value& value, const char* kind, const char* member, const std::string& folder)
    {
        for (const auto& item : value.is_array() ? value.get_array() : Array()) {
            const auto source = item.is_object() ? std::string(api::stringAt(item, {"source"})) : textOf(item);
            const auto said = item.is_object() ? api::stringAt(item, {"target"}) : std::string_view();
            const auto target =
                said.starts_with('/') ? std::string(said) : folder + (said.empty() ? source : std::string(said));
            const auto name = composeName(source);
            addMount({{"name", name}, {kind, Object{{member, name}}}}, target, true);
            api::objectAt(m_mounts.back(), {})["subPath"] = source;
        }
    }
    void configs(const Value& value) { files(value, "configMap", "name", "/"); }
    void secrets(const Value& value) { files(value, "secret", "secretName", "/run/secrets/"); }

    void setAmounts(const char* part, const Value& amounts)
    {
        Object all;
        if (const auto* cpus = api::find(amounts, {"cpus"}))
            all["cpu"] = textOf(*cpus);
        if (const auto* memory = api::find(amounts, {"memory"}))
            if (const auto text = memoryOf(*memory); !text.empty())
                all["memory"] = text;
        if (!all.empty())
            m_resources[part] = std::move(all);
    }

    void deploy(const Value& value)
    {
        m_replicas = api::integerAt(value, {"replicas"}, 1);
        if (api::stringAt(value, {"mode"}) == "global")
            note("deploy.mode", "one on each node would be a DaemonSet: a Deployment was made instead");
        if (const auto* limits = api::find(value, {"resources", "limits"}))
            setAmounts("limits", *limits);
        if (const auto* reserved = api::find(value, {"resources", "reservations"}))
            setAmounts("requests", *reserved);
        for (const auto* part : {"placement", "update_config", "rollback_config", "restart_policy", "endpoint_mode"})
            if (api::find(value, {part}))
                note(std::string("deploy.") + part, "has no counterpart and was left out");
    }
    void memory(const Value& value)
    {
        if (const auto text = memoryOf(value); !text.empty())
            api::objectAt(m_resources["limits"], {})["memory"] = text;
    }
    void cpus(const Value& value) { api::objectAt(m_resources["limits"], {})["cpu"] = textOf(value); }

    void health(const Value& value)
    {
        if (api::boolAt(value, {"disable"}))
            return;
        const auto* test = api::find(value, {"test"});
        auto words = test ? commandOf(*test) : Array();
        if (test && test->is_string())
            words = {"sh", "-c", test->get_string()};
        else if (!words.empty() && words.front() == Value("CMD-SHELL"))
            words = {"sh", "-c", words.size() > 1 ? words[1] : Value("true")};
        else if (!words.empty())
            words.erase(words.begin()); // "CMD" or "NONE"
        if (words.empty())
            return;
        Object probe{{"exec", Object{{"command", words}}}};
        for (const auto& [from, to] : {std::pair("interval", "periodSeconds"), std::pair("timeout", "timeoutSeconds"),
                                       std::pair("start_period", "initialDelaySeconds")})
            if (const auto* given = api::find(value, {from}))
                probe[to] = secondsOf(*given);
        if (const auto* retries = api::find(value, {"retries"}))
            probe["failureThreshold"] = *retries;
        m_container["livenessProbe"] = std::move(probe);
    }

    void restart(const Value& value)
    {
        const auto text = textOf(value);
        if (text != "always" && text != "unless-stopped")
            note("restart", "pods of a Deployment are always started again; for work that ends, a Job is meant");
    }

    void user(const Value& value)
    {
        const auto text = textOf(value);
        const auto colon = text.find(':');
        const auto uid = integerOf(text.substr(0, colon));
        if (!uid) {
            note("user", "a name of a user is not known outside its image: give its number");
            return;
        }
        m_security["runAsUser"] = *uid;
        if (const auto gid = colon == text.npos ? std::nullopt : integerOf(text.substr(colon + 1)))
            m_security["runAsGroup"] = *gid;
    }

    void labels(const Value& value)
    {
        if (value.is_object())
            for (const auto& member : value.get_object())
                m_annotations[member.key()] = textOf(member.value());
        else if (value.is_array())
            for (const auto& item : value.get_array()) {
                const auto text = textOf(item);
                const auto equals = text.find('=');
                m_annotations[text.substr(0, equals)] = equals == text.npos ? "" : text.substr(equals + 1);
            }
        note("labels", "kept as annotations of the pods: labels of Kubernetes select");
    }

    void capabilities(const char* part, const Value& value)
    {
        api::objectAt(m_security["capabilities"], {})[part] = value;
    }
    void capabilitiesAdded(const Value& value) { capabilities("add", value); }
    void capabilitiesDropped(const Value& value) { capabilities("drop", value); }
    void gracePeriod(const Value& value) { m_gracePeriod = secondsOf(value); }
    void dependsOn(const Value&)
    {
        note("depends_on", "a cluster starts everything at once: what needs another must wait for it or try again");
    }

    void write()
    {
        if (!m_ports.empty())
            m_container["ports"] = m_ports;
        if (!m_mounts.empty())
            m_container["volumeMounts"] = m_mounts;
        if (!m_resources.empty())
            m_container["resources"] = m_resources;
        if (!m_security.empty())
            m_container["securityContext"] = m_security;
        const Object labels{{"app", m_name}};
        Object metadata{{"labels", labels}};
        if (!m_annotations.empty())
            metadata["annotations"] = m_annotations;
        Object pod{{"containers", Array{Value(m_container)}}};
        if (!m_volumes.empty())
            pod["volumes"] = m_volumes;
        if (m_gracePeriod)
            pod["terminationGracePeriodSeconds"] = *m_gracePeriod;
        Object spec{{"replicas", m_replicas}, {"selector", Object{{"matchLabels", labels}}}};
        spec["template"] = Object{{"metadata", metadata}, {"spec", pod}};
        m_result.objects.push_back(Object{
            {"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", Object{{"name", m_name}}}, {"spec", spec}});
        if (!m_servicePorts.empty())
            m_result.objects.push_back(Object{{"apiVersion", "v1"},
                                              {"kind", "Service"},
                                              {"metadata", Object{{"name", m_name}}},
                                              {"spec", Object{{"selector", labels}, {"ports", m_servicePorts}}}});
    }

    std::string m_place;
    std::string m_name;
    const Value& m_service;
    ComposeResult& m_result;
    Object m_container, m_security, m_resources, m_annotations;
    Array m_ports, m_servicePorts, m_mounts, m_volumes;
    std::int64_t m_replicas = 1;
    std::optional<std::int64_t> m_gracePeriod;
};

} // namespace

Result<Done> addComposeService(const std::string& name, const Value& service, ComposeResult& result)
{
    if (!service.is_object())
        return fail(Reason::BadRequest, "services." + name + " is no service: a map is wanted");
    return ServiceReader(name, service, result).read();
}

} // namespace keelson::design
