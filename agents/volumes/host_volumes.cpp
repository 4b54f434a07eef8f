// SPDX-License-Identifier: Apache-2.0
#include "volumes/host_volumes.h"

#include "base/log.h"
#include "base/private_file.h"
#include "volumes/volume_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace keelson::volumes {
namespace {

namespace fs = std::filesystem;

constexpr long tmpfsMagic = 0x01021994;

bool isMemory(const fs::path& path)
{
    struct statfs about{};
    return ::statfs(path.c_str(), &about) == 0 && about.f_type == tmpfsMagic;
}

bool isMountPoint(const fs::path& path)
{
    struct stat own{};
    struct stat parent{};
    return ::lstat(path.c_str(), &own) == 0 && ::lstat(path.parent_path().c_str(), &parent) == 0 &&
           own.st_dev != parent.st_dev;
}

/// A tmpfs at the folder. Where the agent may not mount, the folder stays on the disk: readable for root alone.
void mountMemory(const fs::path& path, const std::string& options)
{
    if (isMountPoint(path) && isMemory(path))
        return;
    if (::geteuid() != 0 || ::mount("tmpfs", path.c_str(), "tmpfs", 0, options.c_str()) != 0)
        log::debug("volumes", "{}: no tmpfs can be mounted; it stays on disk", path.string());
}

Result<Done> makeFolder(const fs::path& path, int mode)
{
    std::error_code error;
    fs::create_directories(path, error);
    if (!error)
        fs::permissions(path, fs::perms(mode), error);
    if (error)
        return fail(Reason::InternalError, fmt::format("{}: {}", path.string(), error.message()));
    return Done{};
}

/// What the pod writes to belongs to its group, which may write too.
void giveToGroup(const api::Pod& pod, const fs::path& folder)
{
    const auto group = fsGroup(pod);
    struct stat about{};
    if (!group || ::lstat(folder.c_str(), &about) != 0 ||
        ::lchown(folder.c_str(), static_cast<uid_t>(-1), static_cast<gid_t>(*group)) != 0)
        return;
    ::chmod(folder.c_str(), (about.st_mode & 07777U) | 02770U);
}

/// The tokens that an earlier agent has put there serve until the control plane has answered.
pods::PodObjects withOldTokens(pods::PodObjects objects, const api::Volume& volume, const fs::path& folder)
{
    for (const auto& source : volume.projected->sources) {
        if (!source.serviceAccountToken)
            continue;
        if (auto old = readFile(folder / source.serviceAccountToken->path))
            objects.tokens.try_emplace(pods::tokenSpec(*source.serviceAccountToken), *std::move(old));
    }
    return objects;
}

bool madeOfObjects(const api::Volume& volume)
{
    return volume.configMap || volume.secret || volume.projected || volume.downwardAPI;
}

/// The kind of the volume and what it names there: `persistentVolumeClaim "db"`.
std::string describe(const api::Pod& pod, const api::Volume& volume)
{
    if (volume.ephemeral)
        return fmt::format("ephemeral \"{}-{}\"", pod.metadata.name, volume.name);
    constexpr std::array naming{"claimName", "driver",     "server",     "image",      "volumeID",   "volumeName",
                                "pdName",    "diskName",   "iqn",        "endpoints",  "repository", "shareName",
                                "volume",    "targetWWNs", "volumePath", "datasetName"};
    const auto json = api::toJson(volume);
    for (const auto& member : json.as_object()) {
        if (member.key() == "name")
            continue;
        for (const auto* name : naming) {
            if (const auto value = api::stringAt(member.value(), {name}); !value.empty())
                return fmt::format("{} \"{}\"", std::string_view(member.key()), value);
        }
        return std::string(std::string_view(member.key()));
    }
    return "a volume without a source";
}

} // namespace

Result<Done> checkHostPath(const fs::path& path, std::string_view type)
{
    struct stat about{};
    bool exists = ::stat(path.c_str(), &about) == 0;
    if (type.empty()) // What is missing becomes a folder, as with Kubernetes' runtimes: Docker does not mount it else.
        return exists ? Result<Done>(Done{}) : makeFolder(path, 0755);
    if (!exists && type == "DirectoryOrCreate") {
        TRY_OK(makeFolder(path, 0755));
        exists = ::stat(path.c_str(), &about) == 0;
    } else if (!exists && type == "FileOrCreate") {
        TRY_OK(writeBytes(path, {}, 0644));
        exists = ::stat(path.c_str(), &about) == 0;
    }
    const struct {
        std::string_view type;
        mode_t mode;
        const char* words;
    } kinds[] = {{"Directory", S_IFDIR, "a directory"},
                 {"DirectoryOrCreate", S_IFDIR, "a directory"},
                 {"File", S_IFREG, "a file"},
                 {"FileOrCreate", S_IFREG, "a file"},
                 {"Socket", S_IFSOCK, "a socket file"},
                 {"CharDevice", S_IFCHR, "a character device"},
                 {"BlockDevice", S_IFBLK, "a block device"}};
    for (const auto& kind : kinds) {
        if (kind.type != type)
            continue;
        if (exists && (about.st_mode & S_IFMT) == kind.mode)
            return Done{};
        return fail(Reason::Invalid,
                    fmt::format("hostPath type check failed: {} is not {}", path.string(), kind.words));
    }
    return fail(Reason::Invalid, fmt::format("hostPath type \"{}\" is not known", type));
}

Result<std::string> HostVolumes::prepareOne(const api::Pod& pod, const api::Volume& volume,
                                            const pods::PodObjects& objects, const pods::PodFacts& facts)
{
    if (volume.hostPath) {
        TRY_OK(checkHostPath(volume.hostPath->path, volume.hostPath->type.value_or("")));
        return volume.hostPath->path;
    }
    const auto folder = m_directory / pod.metadata.uid / "volumes" / volume.name;
    if (volume.emptyDir) {
        std::error_code error;
        const bool fresh = !fs::exists(folder, error);
        TRY_OK(makeFolder(folder, 0777));
        if (volume.emptyDir->medium == "Memory") {
            const auto& limit = volume.emptyDir->sizeLimit;
            mountMemory(folder, limit ? fmt::format("mode=0777,size={}", limit->units()) : "mode=0777");
        }
        if (fresh)
            giveToGroup(pod, folder);
        return folder.string();
    }
    if (!madeOfObjects(volume))
        return fail(Reason::Invalid,
                    fmt::format("{} is of a kind that this agent does not offer; it offers configMap, downwardAPI, "
                                "emptyDir, hostPath, projected and secret",
                                describe(pod, volume)));
    TRY_ASSIGN(const auto files,
               filesOf(pod, volume, volume.projected ? withOldTokens(objects, volume, folder) : objects, facts));
    TRY_OK(makeFolder(folder, 0755));
    if (volume.secret || volume.projected)
        mountMemory(folder, "mode=0755");
    TRY_OK(writeAtomically(folder, files, fsGroup(pod)));
    return folder.string();
}

Result<pods::VolumePaths> HostVolumes::prepare(const api::Pod& pod, const pods::PodObjects& objects,
                                               const pods::PodFacts& facts)
{
    TRY_OK(makeFolder(m_directory, 0755));
    pods::VolumePaths paths;
    for (const auto& volume : pod.spec.volumes) {
        auto path = prepareOne(pod, volume, objects, facts);
        if (!path)
            return fail(path.error().reason, fmt::format("MountVolume.SetUp failed for volume \"{}\" : {}", volume.name,
                                                         path.error().message));
        paths[volume.name] = *std::move(path);
    }
    return paths;
}

Result<Done> HostVolumes::remove(const std::string& podUid)
{
    if (podUid.empty() || podUid.find('/') != std::string::npos || podUid.starts_with('.'))
        return fail(Reason::Invalid, fmt::format("\"{}\" is no uid", podUid));
    const auto folder = m_directory / podUid;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder / "volumes", error)) {
        if (isMountPoint(entry.path()) && ::umount2(entry.path().c_str(), MNT_DETACH) != 0)
            return fail(Reason::InternalError, fmt::format("{}: {}", entry.path().string(), std::strerror(errno)));
    }
    error.clear();
    fs::remove_all(folder, error);
    if (error)
        return fail(Reason::InternalError, fmt::format("{}: {}", folder.string(), error.message()));
    return Done{};
}

std::vector<std::string> HostVolumes::known()
{
    std::vector<std::string> uids;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(m_directory, error))
        uids.push_back(entry.path().filename().string());
    std::ranges::sort(uids);
    return uids;
}

Result<pods::VolumePaths> SimulatedVolumes::prepare(const api::Pod& pod, const pods::PodObjects& objects,
                                                    const pods::PodFacts& facts)
{
    auto known = objects;
    for (const auto& spec : pods::wantedTokens(pod))
        known.tokens.try_emplace(spec, "simulated");
    pods::VolumePaths paths;
    for (const auto& volume : pod.spec.volumes) {
        if (madeOfObjects(volume))
            TRY_OK(filesOf(pod, volume, known, facts));
        paths[volume.name] = "/simulated/" + volume.name;
    }
    return paths;
}

} // namespace keelson::volumes
