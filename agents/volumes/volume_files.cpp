// SPDX-License-Identifier: Apache-2.0
#include "volumes/volume_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace keelson::volumes {
namespace {

namespace fs = std::filesystem;
using Data = std::map<std::string, std::string, std::less<>>;

constexpr int modeDefault = 0644;

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
        else
            return fail(Reason::Invalid, "this agent projects configMap, secret and downwardAPI only");
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

bool isCurrent(const fs::path& data, const VolumeFiles& files)
{
    std::error_code error;
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(data, error)) {
        if (entry.is_directory())
            continue;
        ++count;
        const auto wanted = files.find(entry.path().lexically_relative(data).string());
        if (wanted == files.end() || readFile(entry.path()) != wanted->second.content ||
            static_cast<int>(entry.status().permissions()) != wanted->second.mode)
            return false;
    }
    return !error && count == files.size() && fs::exists(data, error);
}

std::unexpected<Error> failed(const fs::path& path, const std::error_code& error)
{
    return fail(Reason::InternalError, fmt::format("{}: {}", path.string(), error.message()));
}

Result<Done> writeFile(const fs::path& path, const VolumeFile& file)
{
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    fs::permissions(path, fs::perms(0600), error);
    stream << file.content;
    stream.flush();
    if (!stream)
        return fail(Reason::InternalError, fmt::format("{}: cannot be written", path.string()));
    fs::permissions(path, fs::perms(file.mode), error);
    return error ? Result<Done>(failed(path, error)) : Done{};
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
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with("..") && !names.contains(name))
            fs::remove(entry.path(), error);
    }
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
        return projected(pod, *volume.projected, objects, facts);
    }
    return files;
}

Result<bool> writeAtomically(const fs::path& folder, const VolumeFiles& files)
{
    std::error_code error;
    fs::create_directories(folder, error);
    const auto link = folder / "..data";
    const auto before = fs::read_symlink(link, error);
    const bool hadBefore = !error;
    if (hadBefore && isCurrent(folder / before, files))
        return false;
    int number = 1;
    while (fs::exists(folder / fmt::format("..state-{}", number), error))
        ++number;
    const auto state = folder / fmt::format("..state-{}", number);
    fs::create_directory(state, error);
    if (error)
        return failed(state, error);
    for (const auto& [path, file] : files)
        TRY_OK(writeFile(state / path, file));
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
