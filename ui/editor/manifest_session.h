// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "document/manifest_file.h"

#include <QFileSystemWatcher>
#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <QVector>

#include <memory>
#include <set>

class QLockFile;

namespace keelson::ui {

/// One open manifest: its text, its file, and how they differ.
class Manifest : public QObject {
    Q_OBJECT
public:
    Manifest(quint64 id, document::ManifestFile file, QString name, QObject* parent);

    quint64 id() const { return m_id; }
    document::ManifestText& text() { return m_file.text(); }
    const document::ManifestText& text() const { return m_file.text(); }
    document::ManifestFile& file() { return m_file; }
    const document::ManifestFile& file() const { return m_file; }
    QString path() const; ///< Empty: never saved.
    QString name() const; ///< Of the file, or "New 1".
    bool isEdited() const { return m_isEdited; }
    bool isOutOfDate() const { return m_isOutOfDate; } ///< The file has changed on the disk meanwhile.
    void setOutOfDate(bool isOutOfDate);
    void refreshState();

signals:
    void changed(); ///< The text.
    void stateChanged();

private:
    quint64 m_id;
    document::ManifestFile m_file;
    QString m_name;
    bool m_isEdited = false;
    bool m_isOutOfDate = false;
};

/// The manifests that are open, and everything between them and the disk: opening, saving, changes by others, and
/// copies of what is unsaved, so that no end of the program loses it.
///
/// Threads: GUI thread; the disk is read and written on a thread of its own, one job after the other.
class ManifestSession : public QObject {
    Q_OBJECT
public:
    /// `recoveryFolder`: where unsaved texts are kept; each running session has a folder of its own in it. Empty: they
    /// are not kept.
    ManifestSession(QString recoveryFolder, const Clock& clock, QObject* parent = nullptr);
    ~ManifestSession() override; ///< Keeps what is unsaved, and waits for the disk.
    static QString usualRecoveryFolder();

    const QVector<Manifest*>& manifests() const { return m_manifests; }
    Manifest* find(quint64 id) const;
    bool isBusy() const { return m_jobs > 0; }

    Manifest* create(const QString& text = {});
    void openFile(const QString& path);
    void openFolder(const QString& path);
    void save(Manifest* manifest);
    void saveOver(Manifest* manifest); ///< Whatever stands on the disk gives way.
    void saveAs(Manifest* manifest, const QString& path);
    void reload(Manifest* manifest);
    void close(Manifest* manifest);
    /// Looks whether files have changed on the disk.
    void lookAtDisk();
    /// Opens what sessions that ended badly have left, and tells of an apply that they have not brought to its end.
    void recover();
    /// Where this session keeps how far its apply has come; empty: nowhere.
    std::filesystem::path applyJournal();

signals:
    void added(Manifest* manifest);
    void removed(quint64 id);
    void opened(Manifest* manifest); ///< Asked for, and there: show it.
    void saved(Manifest* manifest);
    void recovered(int count);
    void applyFound(const std::filesystem::path& journal);
    void keptAgain(); ///< Copies of unsaved texts could not be written for a while, and now they are.
    /// `manifest` may be null: it was not opened.
    void failed(const QString& what, const keelson::Error& error, Manifest* manifest);
    void busyChanged();

private:
    using Files = std::vector<document::ManifestFile>;
    void run(std::function<std::function<void()>()> job);
    Manifest* add(document::ManifestFile file, bool isShown);
    Manifest* findPath(const QString& path) const;
    void write(Manifest* manifest, const std::filesystem::path& path, bool isOver);
    document::RecoveryJob recoveryOf(const Manifest& manifest);
    void forget(document::RecoveryJob job);
    void keep();
    void keepAgainLater(quint64 id, const keelson::Error& error);
    void take(const document::Recovery& recovery);
    std::filesystem::path ownFolder();

    QString m_recoveryFolder;
    const Clock& m_clock;
    std::unique_ptr<QLockFile> m_lock;
    QVector<Manifest*> m_manifests;
    std::set<quint64> m_unkept;     ///< Changed since they were kept last.
    std::set<quint64> m_unkeepable; ///< Those whose copy could not be written the last time.
    QThreadPool m_disk;
    QTimer m_keepTimer;
    QFileSystemWatcher m_watcher;
    quint64 m_lastId = 0;
    int m_lastNew = 0;
    int m_jobs = 0;
};

} // namespace keelson::ui
