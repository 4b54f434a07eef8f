// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/manifest_session.h"

#include "models/read.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QLockFile>
#include <QPointer>
#include <QStandardPaths>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int keepDelayMs = 800;
constexpr int keepAgainMs = 3'000; // after a copy could not be written
constexpr std::size_t failuresShownMax = 5;
constexpr int applyKeptDays = 7; ///< Then others have surely gone on from there.
const auto applyJournalName = QStringLiteral("apply.journal");

std::filesystem::path toPath(const QString& path)
{
    return std::filesystem::path(path.toStdU16String());
}

QString fromPath(const std::filesystem::path& path)
{
    return QString::fromStdU16String(path.u16string());
}

/// Several failures as one, a line each.
Error inOne(const std::vector<std::pair<QString, Error>>& failures)
{
    auto all = makeError(failures.front().second.reason, {});
    for (std::size_t i = 0; i < failures.size() && i < failuresShownMax; ++i)
        all.message += (i > 0 ? "\n" : "") + failures[i].second.message;
    if (failures.size() > failuresShownMax)
        all.message += "\n…";
    return all;
}

} // namespace

Manifest::Manifest(quint64 id, document::ManifestFile file, QString name, QObject* parent)
    : QObject(parent), m_id(id), m_file(std::move(file)), m_name(std::move(name)), m_isEdited(m_file.isEdited())
{
    text().listen([self = QPointer<Manifest>(this)](const document::TextChange&) {
        if (!self)
            return;
        self->refreshState();
        emit self->changed();
    });
}

QString Manifest::path() const
{
    return fromPath(m_file.path());
}

QString Manifest::name() const
{
    return m_file.path().empty() ? m_name : QFileInfo(path()).fileName();
}

void Manifest::setOutOfDate(bool isOutOfDate)
{
    if (m_isOutOfDate == isOutOfDate)
        return;
    m_isOutOfDate = isOutOfDate;
    emit stateChanged();
}

void Manifest::refreshState()
{
    const bool isEdited = m_file.isEdited();
    if (m_isEdited == isEdited)
        return;
    m_isEdited = isEdited;
    emit stateChanged();
}

ManifestSession::ManifestSession(QString recoveryFolder, const Clock& clock, QObject* parent)
    : QObject(parent), m_recoveryFolder(std::move(recoveryFolder)), m_clock(clock)
{
    m_disk.setMaxThreadCount(1);
    m_keepTimer.setSingleShot(true);
    connect(&m_keepTimer, &QTimer::timeout, this, &ManifestSession::keep);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, &ManifestSession::lookAtDisk);
}

QString ManifestSession::usualRecoveryFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/unsaved");
}

ManifestSession::~ManifestSession()
{
    keep();
    m_disk.waitForDone();
    qDeleteAll(m_manifests);
    if (m_lock) {
        const auto folder = QFileInfo(m_lock->fileName()).path();
        m_lock->unlock();
        QDir().rmdir(folder); // when nothing is kept in it
    }
}

void ManifestSession::run(std::function<std::function<void()>()> job)
{
    ++m_jobs;
    emit busyChanged();
    m_disk.start([self = QPointer<ManifestSession>(this), job = std::move(job)] {
        auto done = job();
        QMetaObject::invokeMethod(qApp, [self, done = std::move(done)] {
            if (!self)
                return;
            --self->m_jobs;
            if (done)
                done();
            emit self->busyChanged();
        });
    });
}

Manifest* ManifestSession::find(quint64 id) const
{
    const auto found = std::ranges::find(m_manifests, id, &Manifest::id);
    return found == m_manifests.end() ? nullptr : *found;
}

Manifest* ManifestSession::findPath(const QString& path) const
{
    const auto wanted = QFileInfo(path).absoluteFilePath();
    const auto found = std::ranges::find_if(m_manifests, [&](const Manifest* manifest) {
        return !manifest->path().isEmpty() && QFileInfo(manifest->path()).absoluteFilePath() == wanted;
    });
    return found == m_manifests.end() ? nullptr : *found;
}

Manifest* ManifestSession::add(document::ManifestFile file, bool isShown)
{
    const auto name = file.path().empty() ? tr("New %1").arg(++m_lastNew) : QString();
    auto* manifest = new Manifest(++m_lastId, std::move(file), name, this);
    m_manifests << manifest;
    const auto note = [this, manifest] {
        m_unkept.insert(manifest->id());
        if (!m_keepTimer.isActive())
            m_keepTimer.start(keepDelayMs);
    };
    connect(manifest, &Manifest::changed, this, note);
    if (manifest->isEdited())
        note();
    if (!manifest->path().isEmpty())
        m_watcher.addPath(manifest->path());
    emit added(manifest);
    if (isShown)
        emit opened(manifest);
    return manifest;
}

Manifest* ManifestSession::create(const QString& text)
{
    return add(document::ManifestFile::made(text.toStdString()), true);
}

void ManifestSession::openFile(const QString& path)
{
    if (auto* known = findPath(path)) {
        emit opened(known);
        return;
    }
    run([this, path] {
        auto file = std::make_shared<Result<document::ManifestFile>>(document::ManifestFile::open(toPath(path)));
        return [this, path, file] {
            if (!*file)
                emit failed(tr("%1 was not opened").arg(QFileInfo(path).fileName()), file->error(), nullptr);
            else if (!findPath(path))
                add(*std::move(*file), true);
        };
    });
}

void ManifestSession::openFolder(const QString& path)
{
    struct Read {
        Files files;
        std::vector<std::pair<QString, Error>> failures;
    };
    run([this, path] {
        auto read = std::make_shared<Read>();
        const auto paths = document::manifestsIn(toPath(path));
        if (!paths)
            read->failures.emplace_back(tr("%1 was not opened").arg(path), paths.error());
        else if (paths->empty())
            read->failures.emplace_back(
                tr("%1 was not opened").arg(path),
                makeError(Reason::NotFound,
                          "no .yaml, .yml or .json file is in " + path.toStdString() + " or in a folder below it"));
        for (const auto& file : paths.value_or(std::vector<std::filesystem::path>())) {
            if (auto opened = document::ManifestFile::open(file))
                read->files.push_back(*std::move(opened));
            else
                read->failures.emplace_back(tr("%1 was not opened").arg(fromPath(file.filename())), opened.error());
        }
        return [this, read] {
            bool isFirst = true;
            for (auto& file : read->files)
                if (!findPath(fromPath(file.path()))) {
                    add(std::move(file), isFirst);
                    isFirst = false;
                }
            if (read->failures.size() == 1)
                emit failed(read->failures.front().first, read->failures.front().second, nullptr);
            else if (!read->failures.empty())
                emit failed(tr("%n files were not opened", nullptr, static_cast<int>(read->failures.size())),
                            inOne(read->failures), nullptr);
        };
    });
}

void ManifestSession::write(Manifest* manifest, const std::filesystem::path& path, bool isOver)
{
    const auto job = std::make_shared<const document::SaveJob>(manifest->file().saveJob(path, isOver));
    const auto before = recoveryOf(*manifest);
    run([this, job, before, id = manifest->id()] {
        auto result = std::make_shared<document::SaveResult>(document::ManifestFile::carryOut(*job));
        return [this, result, before, id] {
            auto* written = find(id);
            if (!written)
                return;
            if (!result->done) {
                if (result->done.error().reason == Reason::Conflict)
                    written->setOutOfDate(true);
                emit failed(tr("%1 was not saved").arg(written->name()), result->done.error(), written);
                return;
            }
            const auto old = written->path();
            written->file().adopt(*result);
            if (old != written->path() && !old.isEmpty())
                m_watcher.removePath(old);
            m_watcher.addPath(written->path());
            written->setOutOfDate(false);
            written->refreshState();
            emit written->stateChanged();
            forget(before);
            emit saved(written);
        };
    });
}

void ManifestSession::save(Manifest* manifest)
{
    write(manifest, manifest->file().path(), false);
}

void ManifestSession::saveOver(Manifest* manifest)
{
    write(manifest, manifest->file().path(), true);
}

void ManifestSession::saveAs(Manifest* manifest, const QString& path)
{
    write(manifest, toPath(path), true);
}

void ManifestSession::reload(Manifest* manifest)
{
    run([this, path = manifest->file().path(), id = manifest->id()] {
        auto file = std::make_shared<Result<document::ManifestFile>>(document::ManifestFile::open(path));
        return [this, file, id] {
            auto* known = find(id);
            if (!known)
                return;
            if (!*file) {
                emit failed(tr("%1 was not reloaded").arg(known->name()), file->error(), known);
                return;
            }
            known->file().reloadFrom(**file);
            known->setOutOfDate(false);
            known->refreshState();
        };
    });
}

void ManifestSession::close(Manifest* manifest)
{
    forget(recoveryOf(*manifest));
    if (!manifest->path().isEmpty())
        m_watcher.removePath(manifest->path());
    m_unkept.erase(manifest->id());
    m_unkeepable.erase(manifest->id());
    m_manifests.removeOne(manifest);
    emit removed(manifest->id());
    manifest->deleteLater();
}

void ManifestSession::lookAtDisk()
{
    for (auto* manifest : m_manifests) {
        if (manifest->path().isEmpty())
            continue;
        run([this, id = manifest->id(), path = manifest->file().path(), known = manifest->file().diskBytes()] {
            const auto state = document::ManifestFile::diskState(path, *known);
            return [this, id, known, state] {
                auto* looked = find(id);
                if (!looked || looked->file().diskBytes() != known)
                    return; // saved or reloaded meanwhile
                if (state == document::DiskState::Changed && !looked->isEdited())
                    reload(looked); // nothing of the user's is lost, and it can be undone
                else
                    looked->setOutOfDate(state == document::DiskState::Changed);
                m_watcher.addPath(looked->path()); // whoever replaces a file ends its watch
            };
        });
    }
}

std::filesystem::path ManifestSession::ownFolder()
{
    if (!m_lock) {
        for (int i = 0; !m_lock; ++i) {
            const auto folder =
                QStringLiteral("%1/%2-%3").arg(m_recoveryFolder).arg(QCoreApplication::applicationPid()).arg(i);
            if (QDir(folder).exists())
                continue; // of a session that had our number before: its texts are recovered, not written over
            QDir().mkpath(folder);
            auto lock = std::make_unique<QLockFile>(folder + QStringLiteral("/lock"));
            lock->setStaleLockTime(0);
            if (lock->tryLock(0) || lock->error() != QLockFile::LockFailedError)
                m_lock = std::move(lock);
        }
    }
    return toPath(QFileInfo(m_lock->fileName()).path());
}

document::RecoveryJob ManifestSession::recoveryOf(const Manifest& manifest)
{
    return m_recoveryFolder.isEmpty() ? document::RecoveryJob() : manifest.file().recoveryJob(ownFolder());
}

void ManifestSession::forget(document::RecoveryJob job)
{
    if (job.kept.empty())
        return;
    job.text.reset();
    run([job = std::move(job)] {
        (void)document::ManifestFile::carryOut(job);
        return std::function<void()>();
    });
}

void ManifestSession::keep()
{
    if (m_recoveryFolder.isEmpty())
        m_unkept.clear();
    for (const auto id : m_unkept)
        if (auto* manifest = find(id))
            run([this, id, job = recoveryOf(*manifest)] {
                const auto done = document::ManifestFile::carryOut(job);
                return std::function<void()>([this, id, done] {
                    if (!done)
                        keepAgainLater(id, done.error());
                    else if (m_unkeepable.erase(id) > 0 && m_unkeepable.empty())
                        emit keptAgain();
                });
            });
    m_unkept.clear();
}

void ManifestSession::keepAgainLater(quint64 id, const Error& error)
{
    auto* manifest = find(id);
    if (!manifest)
        return;
    m_unkept.insert(id);
    if (!m_keepTimer.isActive())
        m_keepTimer.start(keepAgainMs);
    if (m_unkeepable.insert(id).second) // said once, not with every attempt
        emit failed(tr("The copy of the unsaved text of %1 was not written").arg(manifest->name()), error, manifest);
}

void ManifestSession::recover()
{
    if (m_recoveryFolder.isEmpty())
        return;
    const auto own = QFileInfo(fromPath(ownFolder())).absoluteFilePath();
    const auto now = QDateTime::fromMSecsSinceEpoch(nowMs(m_clock));
    int count = 0;
    QStringList applies;
    for (const auto& entry : QDir(m_recoveryFolder).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (entry.absoluteFilePath() == own)
            continue;
        QLockFile lock(entry.absoluteFilePath() + QStringLiteral("/lock"));
        lock.setStaleLockTime(0);
        if (!lock.tryLock(0))
            continue; // its session still runs
        for (const auto& recovery : document::recoverable(toPath(entry.absoluteFilePath()))) {
            take(recovery);
            ++count;
        }
        const QFileInfo journal(entry.absoluteFilePath() + QLatin1Char('/') + applyJournalName);
        if (journal.exists() && journal.lastModified().daysTo(now) > applyKeptDays)
            QFile::remove(journal.filePath());
        else if (journal.exists())
            applies << journal.filePath();
        lock.unlock();
        QDir().rmdir(entry.absoluteFilePath());
    }
    if (count > 0)
        emit recovered(count);
    for (const auto& journal : applies)
        emit applyFound(toPath(journal));
}

std::filesystem::path ManifestSession::applyJournal()
{
    return m_recoveryFolder.isEmpty() ? std::filesystem::path() : ownFolder() / applyJournalName.toStdU16String();
}

void ManifestSession::take(const document::Recovery& recovery)
{
    auto* manifest = add(document::ManifestFile::recovered(recovery, tr("Recovered").toStdString()), true);
    // The old copy goes when the new one is on the disk, and not before.
    run([job = recoveryOf(*manifest), old = recovery.kept] {
        if (document::ManifestFile::carryOut(job)) {
            std::error_code ignored;
            std::filesystem::remove(old, ignored);
        }
        return std::function<void()>();
    });
}

} // namespace keelson::ui
