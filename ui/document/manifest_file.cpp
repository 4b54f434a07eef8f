// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/manifest_file.h"

#include "base/private_file.h"
#include "base/replace_file.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <system_error>

#ifdef __unix__
#include <unistd.h>
#endif

namespace keelson::document {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view recoverySuffix = ".unsaved";

Result<std::string> readBytes(const fs::path& path)
{
    std::error_code error;
    if (fs::is_directory(path, error))
        return fail(Reason::BadRequest, fmt::format("{} is a folder; open it as one", path.string()));
    const auto size = fs::file_size(path, error);
    if (error)
        return fail(Reason::NotFound, fmt::format("{} cannot be found ({})", path.string(), error.message()));
    if (size > fileBytesMax)
        return fail(Reason::RequestEntityTooLarge,
                    fmt::format("{} has {} MB; files over {} MB are not opened. Split it first", path.string(),
                                size >> 20U, fileBytesMax >> 20U));
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return fail(Reason::Forbidden, fmt::format("{} may not be read ({})", path.string(), std::strerror(errno)));
    return std::string(std::istreambuf_iterator<char>(file), {});
}

/// FNV-1a, 64 bits: enough to see that a file has changed.
std::string markOf(std::string_view bytes)
{
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (const auto c : bytes)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    return fmt::format("{:016x}", hash);
}

Result<Done> refuseWrite(const fs::path& path, const std::error_code& error)
{
    const bool isForbidden = error == std::errc::permission_denied || error == std::errc::read_only_file_system ||
                             error == std::errc::operation_not_permitted;
    if (isForbidden)
        return fail(Reason::Forbidden,
                    fmt::format("{} may not be written ({}). Save it under another name; the text is kept meanwhile",
                                path.string(), error.message()));
    return fail(Reason::InternalError,
                fmt::format("{} could not be written ({}). The file is as it was; the text is kept meanwhile",
                            path.string(), error.message()));
}

/// A link stays one: what it leads to is written. A file keeps its permissions.
Result<Done> writeBytes(const fs::path& named, std::string_view bytes)
{
    std::error_code error;
    const auto path = fs::is_symlink(named, error) ? fs::weakly_canonical(named, error) : named;
    const auto status = fs::status(path, error);
    std::optional<fs::perms> permissions;
    if (fs::exists(status))
        permissions = status.permissions();
#ifdef __unix__
    if (permissions && ::access(path.c_str(), W_OK) != 0)
        return refuseWrite(path, {errno, std::generic_category()});
#endif
    if (const auto cause = replaceFile(path, bytes, permissions))
        return refuseWrite(path, cause);
    return Done{};
}

} // namespace

Result<ManifestFile> ManifestFile::open(const fs::path& path)
{
    TRY_ASSIGN(auto bytes, readBytes(path));
    auto decoded = decode(bytes);
    if (!decoded)
        return fail(decoded.error().reason, path.string() + ": " + decoded.error().message);
    ManifestFile file;
    file.m_path = path;
    file.m_text = std::make_unique<ManifestText>(std::move(decoded->text));
    file.m_encoding = decoded->encoding;
    file.m_diskBytes = std::make_shared<const std::string>(std::move(bytes));
    return file;
}

ManifestFile ManifestFile::made(std::string text)
{
    static std::atomic<unsigned> count{0};
    ManifestFile file;
    file.m_text = std::make_unique<ManifestText>();
    file.m_text->setText(text, "New");
#ifdef __unix__
    const auto process = static_cast<unsigned>(::getpid());
#else
    const unsigned process = 0;
#endif
    file.m_id = fmt::format("new-{}-{}", process, ++count);
    return file;
}

ManifestFile ManifestFile::recovered(const Recovery& recovery, const std::string& label)
{
    auto opened = recovery.original.empty() ? fail(Reason::NotFound, "it never had a file") : open(recovery.original);
    if (!opened)
        return made(recovery.text);
    auto file = *std::move(opened);
    file.m_text->setText(recovery.text, label);
    if (!recovery.diskMark.empty() && markOf(*file.m_diskBytes) != recovery.diskMark)
        file.m_diskBytes = std::make_shared<const std::string>(); // the text was made from something else
    return file;
}

DiskState ManifestFile::diskState(const fs::path& path, const std::string& known)
{
    const auto bytes = readBytes(path);
    if (!bytes)
        return DiskState::Gone;
    return *bytes == known ? DiskState::Same : DiskState::Changed;
}

SaveJob ManifestFile::saveJob(const fs::path& path, bool isOver) const
{
    return {path, m_text->text(), m_encoding, isOver ? nullptr : m_diskBytes};
}

SaveResult ManifestFile::carryOut(const SaveJob& job)
{
    SaveResult result{Done{}, job.path, job.text, nullptr};
    if (job.path.empty())
        result.done = fail(Reason::BadRequest, "this text has no file yet; save it under a name");
    else if (job.expected && diskState(job.path, *job.expected) == DiskState::Changed)
        result.done =
            fail(Reason::Conflict, fmt::format("{} was changed by another program since it was read. Compare the two, "
                                               "then reload it or save over it; nothing was written",
                                               job.path.string()));
    if (!result.done)
        return result;
    auto bytes = encode(job.text, job.encoding);
    result.done = writeBytes(job.path, bytes);
    result.bytes = std::make_shared<const std::string>(std::move(bytes));
    return result;
}

void ManifestFile::adopt(const SaveResult& result)
{
    if (!result.done)
        return;
    m_diskBytes = result.bytes;
    m_path = result.path;
    m_text->markClean(result.text);
}

Result<Done> ManifestFile::write(const SaveJob& job)
{
    auto result = carryOut(job);
    adopt(result);
    return result.done;
}

Result<Done> ManifestFile::save()
{
    return write(saveJob(m_path, false));
}

Result<Done> ManifestFile::saveOver()
{
    return write(saveJob(m_path, true));
}

Result<Done> ManifestFile::saveAs(const fs::path& path)
{
    return write(saveJob(path, true));
}

Result<Done> ManifestFile::reload()
{
    TRY_ASSIGN(const auto read, open(m_path));
    reloadFrom(read);
    return Done{};
}

void ManifestFile::reloadFrom(const ManifestFile& read)
{
    m_text->setText(read.text().text(), "Reload");
    m_text->markClean();
    m_encoding = read.m_encoding;
    m_diskBytes = read.m_diskBytes;
}

fs::path ManifestFile::recoveryPath(const fs::path& folder) const
{
    const auto name =
        m_path.empty() ? m_id : fmt::format("{:016x}", std::hash<std::string>{}(fs::absolute(m_path).string()));
    return folder / (name + std::string(recoverySuffix));
}

Result<Done> ManifestFile::keepForRecovery(const fs::path& folder)
{
    return carryOut(recoveryJob(folder));
}

RecoveryJob ManifestFile::recoveryJob(const fs::path& folder) const
{
    RecoveryJob job{recoveryPath(folder), m_path.empty() ? fs::path() : fs::absolute(m_path), {}, m_diskBytes};
    if (isEdited())
        job.text = m_text->text();
    return job;
}

Result<Done> ManifestFile::carryOut(const RecoveryJob& job)
{
    std::error_code error;
    if (!job.text) {
        fs::remove(job.kept, error);
        return Done{};
    }
    fs::create_directories(job.kept.parent_path(), error);
    if (error)
        return refuseWrite(job.kept.parent_path(), error);
    const auto mark = job.original.empty() ? std::string() : markOf(*job.disk);
    auto done = writePrivateFile(
        job.kept, api::writeJson(api::Object{{"file", job.original.string()}, {"text", *job.text}, {"disk", mark}}));
    if (!done)
        done.error().message += ". The text is in this window alone: save it, or make room; the copy is tried again";
    return done;
}

void ManifestFile::dropRecovery(const fs::path& folder) const
{
    std::error_code error;
    fs::remove(recoveryPath(folder), error);
}

std::vector<Recovery> recoverable(const fs::path& folder)
{
    std::vector<Recovery> all;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() != recoverySuffix)
            continue;
        const auto bytes = readFile(entry->path());
        boost::system::error_code broken;
        const auto kept = bytes ? boost::json::parse(*bytes, broken) : api::Value(nullptr);
        if (broken || !kept.is_object() || !kept.get_object().contains("text"))
            continue;
        all.push_back({entry->path(), fs::path(std::string(api::stringAt(kept, {"file"}))),
                       std::string(api::stringAt(kept, {"text"})), std::string(api::stringAt(kept, {"disk"}))});
    }
    std::ranges::sort(all, {}, &Recovery::kept);
    return all;
}

Result<std::vector<fs::path>> manifestsIn(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator entry(folder, options, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto& path = entry->path();
        if (path.filename().string().starts_with('.')) {
            if (entry->is_directory())
                entry.disable_recursion_pending();
            continue;
        }
        const auto extension = path.extension();
        const bool isManifest = extension == ".yaml" || extension == ".yml" || extension == ".json";
        if (isManifest && entry->is_regular_file())
            files.push_back(path);
        if (files.size() > folderFilesMax)
            return fail(Reason::RequestEntityTooLarge,
                        fmt::format("{} holds more than {} manifests; open a folder further down", folder.string(),
                                    folderFilesMax));
    }
    if (error)
        return fail(Reason::NotFound, fmt::format("{} cannot be read ({})", folder.string(), error.message()));
    std::ranges::sort(files);
    return files;
}

} // namespace keelson::document
