// SPDX-License-Identifier: Apache-2.0
#include "volumes/volume_files.h"

#include "base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

namespace keelson::volumes {
namespace {

namespace fs = std::filesystem;
using Data = std::map<std::string, std::string, std::less<>>;

constexpr int modeDefault = 0644;
constexpr int groupReads = 0440; ///< What a file gets for an fsGroup; volumes of objects are read only.
constexpr int folderOfGroup = 02550;

Result<Done> add(VolumeFiles& files, const std::string& path, std::string content, int mode)
{
    const fs::path relative(path);
    if (path.empty() || relative.is_absolute() || std::ranges::find(relative, fs::path("..")) != relative.end() ||
        path.starts_with(".."))
        return fail(Reason::Invalid, fmt::format("path \"{}\" leaves its volume", path));
    files[relative.lexically_normal().string()] = {.content = std::move(content), .mode = mode};
    return Done{};
}

struct Selection {
    std::string_view kind; ///< "configmap", "secret"
    const std::string& name;
    const std::vector<api::KeyToPath>& items;
    bool optional = false;
    int mode = modeDefault;
};

Result<Done> addData(VolumeFiles& files, const Data& data, const Selection& selection)
{
    if (selection.items.empty()) {
        for (const auto& [key, content] : data)
            TRY_OK(add(files, key, content, selection.mode));
        return Done{};
    }
    for (const auto& item : selection.items) {
        const auto found = data.find(item.key);
        if (found != data.end())
            TRY_OK(add(files, item.path, found->second, item.mode.value_or(selection.mode)));
        else if (!selection.optional)
            return fail(Reason::NotFound,
                        fmt::format("{} \"{}\" has no key \"{}\"", selection.kind, selection.name, item.key));
    }
    return Done{};
}

Result<Done> missing(const Selection& selection)
{
    if (selection.optional)
        return Done{};
    return fail(Reason::NotFound, fmt::format("{} \"{}\" not found", selection.kind, selection.name));
}

Result<Done> addConfigMap(VolumeFiles& files, const pods::PodObjects& objects, const Selection& selection)
{
    const auto found = objects.configMaps.find(selection.name);
    if (found == objects.configMaps.end())
        return missing(selection);
    auto data = found->second->data;
    data.insert(found->second->binaryData.begin(), found->second->binaryData.end());
    return addData(files, data, selection);
}

Result<Done> addSecret(VolumeFiles& files, const pods::PodObjects& objects, const Selection& selection)
{
    const auto found = objects.secrets.find(selection.name);
    return found == objects.secrets.end() ? missing(selection) : addData(files, found->second->data, selection);
}

Result<Done> addDownward(VolumeFiles& files, const api::Pod& pod, const pods::PodFacts& facts,
                         const std::vector<api::DownwardAPIVolumeFile>& items, int mode)
{
    for (const auto& item : items) {
        std::string content;
        if (item.fieldRef) {
            TRY_ASSIGN(content, pods::fieldValue(pod, item.fieldRef->fieldPath, facts));
        } else if (item.resourceFieldRef) {
            TRY_ASSIGN(content, pods::resourceValue(pod, {}, *item.resourceFieldRef, facts));
        }
        TRY_OK(add(files, item.path, std::move(content), item.mode.value_or(mode)));
    }
    return Done{};
}

/// The user that all containers of the pod run as, when they do and it is said.
std::optional<std::int64_t> commonUser(const api::Pod& pod)
{
    const auto ofPod = pod.spec.securityContext ? pod.spec.securityContext->runAsUser : std::nullopt;
    std::optional<std::optional<std::int64_t>> common;
    const auto look = [&](const auto& containers) {
        return std::ranges::all_of(containers, [&](const auto& container) {
            const auto own = container.securityContext ? container.securityContext->runAsUser : std::nullopt;
            const auto user = own ? own : ofPod;
            if (!common)
                common = user;
            return *common == user;
        });
    };
    const bool same = look(pod.spec.initContainers) && look(pod.spec.containers) && look(pod.spec.ephemeralContainers);
    return same && common ? *common : std::nullopt;
}

Result<Done> addToken(VolumeFiles& files, const api::Pod& pod, const api::ServiceAccountTokenProjection& source,
                      const pods::PodObjects& objects, int mode)
{
    const auto token = objects.tokens.find(pods::tokenSpec(source));
    if (token == objects.tokens.end())
        return fail(Reason::ServiceUnavailable, "failed to fetch token: the control plane has not answered yet");
    if (!token->second)
        return fail(token->second.error().reason,
                    fmt::format("failed to fetch token: {}", token->second.error().message));
    const auto user = commonUser(pod);
    constexpr int ownerOnly = 0600;
    TRY_OK(add(files, source.path, *token->second, user || fsGroup(pod) ? ownerOnly : mode));
    files[fs::path(source.path).lexically_normal().string()].user = user;
    return Done{};
}

Result<VolumeFiles> projected(const api::Pod& pod, const api::ProjectedVolumeSource& source,
                              const pods::PodObjects& objects, const pods::PodFacts& facts)
{
    VolumeFiles files;
    const int mode = source.defaultMode.value_or(modeDefault);
    for (const auto& each : source.sources) {
        if (each.configMap)
            TRY_OK(addConfigMap(files, objects,
                                {"configmap", each.configMap->name, each.configMap->items,
                                 each.configMap->optional.value_or(false), mode}));
        else if (each.secret)
            TRY_OK(addSecret(
                files, objects,
                {"secret", each.secret->name, each.secret->items, each.secret->optional.value_or(false), mode}));
        else if (each.downwardAPI)
            TRY_OK(addDownward(files, pod, facts, each.downwardAPI->items, mode));
        else if (each.serviceAccountToken)
            TRY_OK(addToken(files, pod, *each.serviceAccountToken, objects, mode));
        else
            return fail(Reason::Invalid,
                        "this agent projects configMap, secret, downwardAPI and serviceAccountToken only");
    }
    return files;
}

std::string readFile(const fs::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return std::move(text).str();
}

std::unexpected<Error> failed(const fs::path& path, const std::error_code& error)
{
    return fail(Reason::InternalError, fmt::format("{}: {}", path.string(), error.message()));
}

/// Gives a file or folder away; without the right to do so it stays the agent's.
void give(const fs::path& path, std::optional<std::int64_t> user, std::optional<std::int64_t> group)
{
    if (!user && !group)
        return;
    if (::lchown(path.c_str(), user ? static_cast<uid_t>(*user) : static_cast<uid_t>(-1),
                 group ? static_cast<gid_t>(*group) : static_cast<gid_t>(-1)) != 0)
        log::debug("volumes", "{}: its owner cannot be set", path.string());
}

Result<Done> makeFolder(const fs::path& path, std::optional<std::int64_t> group)
{
    std::error_code error;
    fs::create_directories(path, error);
    if (!error && group) {
        give(path, std::nullopt, group);
        fs::permissions(path, fs::perms(folderOfGroup), fs::perm_options::add, error);
    }
    return error ? Result<Done>(failed(path, error)) : Done{};
}

/// Whether just these files stand there. What cannot be looked at is not as it should be.
bool isCurrent(const fs::path& data, const VolumeFiles& files)
{
    std::error_code error;
    std::size_t count = 0;
    for (fs::recursive_directory_iterator entry(data, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->is_directory(error))
            continue;
        ++count;
        const auto wanted = files.find(entry->path().lexically_relative(data).string());
        if (wanted == files.end() || readFile(entry->path()) != wanted->second.content ||
            static_cast<int>(entry->status(error).permissions()) != wanted->second.mode)
            return false;
    }
    return !error && count == files.size();
}

/// `path`: within `folder`.
Result<Done> writeFile(const fs::path& folder, const fs::path& path, const VolumeFile& file,
                       std::optional<std::int64_t> group)
{
    auto within = folder;
    for (const auto& part : path.parent_path()) {
        within /= part;
        TRY_OK(makeFolder(within, group));
    }
    std::error_code error;
    const auto whole = folder / path;
    TRY_OK(writeBytes(whole, file.content, 0600));
    give(whole, file.user, group);
    fs::permissions(whole, fs::perms(file.mode), error);
    return error ? Result<Done>(failed(whole, error)) : Done{};
}

/// The links of the first path parts, through `..data`.
Result<Done> linkNames(const fs::path& folder, const VolumeFiles& files)
{
    std::set<std::string> names;
    for (const auto& [path, file] : files)
        names.insert(fs::path(path).begin()->string());
    std::error_code error;
    for (const auto& name : names) {
        if (!fs::is_symlink(folder / name, error))
            fs::create_symlink(fs::path("..data") / name, folder / name, error);
        if (error)
            return failed(folder / name, error);
    }
    std::vector<fs::path> stale;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (!name.starts_with("..") && !names.contains(name))
            stale.push_back(entry->path());
    }
    if (error)
        return failed(folder, error);
    for (const auto& path : stale)
        fs::remove(path, error);
    return Done{};
}

} // namespace

Result<VolumeFiles> filesOf(const api::Pod& pod, const api::Volume& volume, const pods::PodObjects& objects,
                            const pods::PodFacts& facts)
{
    VolumeFiles files;
    if (volume.configMap) {
        const auto& source = *volume.configMap;
        TRY_OK(addConfigMap(files, objects,
                            {"configmap", source.name, source.items, source.optional.value_or(false),
                             source.defaultMode.value_or(modeDefault)}));
    } else if (volume.secret) {
        const auto& source = *volume.secret;
        TRY_OK(addSecret(files, objects,
                         {"secret", source.secretName, source.items, source.optional.value_or(false),
                          source.defaultMode.value_or(modeDefault)}));
    } else if (volume.downwardAPI) {
        TRY_OK(addDownward(files, pod, facts, volume.downwardAPI->items,
                           volume.downwardAPI->defaultMode.value_or(modeDefault)));
    } else if (volume.projected) {
        TRY_ASSIGN(files, projected(pod, *volume.projected, objects, facts));
    }
    if (fsGroup(pod)) {
        for (auto& [path, file] : files)
            file.mode |= groupReads;
    }
    return files;
}

Result<Done> writeBytes(const fs::path& path, std::string_view content, int mode)
{
    const auto failedNow = [&] { return failed(path, {errno, std::generic_category()}); };
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (file < 0)
        return failedNow();
    while (!content.empty()) {
        const auto count = ::write(file, content.data(), content.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            auto why = failedNow();
            ::close(file);
            return why;
        }
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return ::close(file) == 0 ? Result<Done>(Done{}) : failedNow();
}

std::optional<std::int64_t> fsGroup(const api::Pod& pod)
{
    return pod.spec.securityContext ? pod.spec.securityContext->fsGroup : std::nullopt;
}

Result<bool> writeAtomically(const fs::path& folder, const VolumeFiles& files, std::optional<std::int64_t> group)
{
    std::error_code error;
    TRY_OK(makeFolder(folder, group));
    const auto link = folder / "..data";
    const auto before = fs::read_symlink(link, error);
    const bool hadBefore = !error;
    if (hadBefore && isCurrent(folder / before, files))
        return false;
    int number = 1;
    while (fs::exists(folder / fmt::format("..state-{}", number), error))
        ++number;
    const auto state = folder / fmt::format("..state-{}", number);
    TRY_OK(makeFolder(state, group));
    for (const auto& [path, file] : files) {
        if (const auto written = writeFile(state, path, file, group); !written) {
            fs::remove_all(state, error);
            return fail(written.error());
        }
    }
    const auto next = folder / "..data-next";
    fs::remove(next, error);
    fs::create_symlink(state.filename(), next, error);
    if (!error)
        fs::rename(next, link, error);
    if (error)
        return failed(link, error);
    TRY_OK(linkNames(folder, files));
    if (hadBefore)
        fs::remove_all(folder / before, error);
    return true;
}

} // namespace keelson::volumes
