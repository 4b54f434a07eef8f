// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_checker.h"
#include "editor/manifest_session.h"
#include "models/status.h"

#include <QHash>
#include <QWidget>

#include <functional>
#include <memory>
#include <set>

class QLabel;
class QSplitter;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace keelson::ui {

class ApplyPanel;
struct ApplyObject;
class Banner;
class Cluster;
class ClusterKnowledge;
class FileList;
class FindBar;
class LongLinePane;
class ManifestEditor;
class OutlinePanel;
class ProblemsPanel;

/// The page of the manifest editor: files and their outline, the text, and what is wrong with it; and from there the
/// difference to what is live, and applying.
class ManifestsPage : public QWidget {
    Q_OBJECT
public:
    /// `cluster` null: offline; what needs one is disabled and says so. `recoveryFolder`: see ManifestSession; empty:
    /// the usual place.
    ManifestsPage(Cluster* cluster, const Clock& clock, const QString& recoveryFolder = {}, QWidget* parent = nullptr);
    ~ManifestsPage() override;

    ManifestSession& session() { return *m_session; }
    ManifestChecker& checker() { return *m_checker; }
    ManifestEditor* editor() const; ///< Of the current manifest; null when none is open.
    Manifest* current() const { return m_current; }
    ApplyPanel* applyPanel() const { return m_apply; }
    FindBar* findBar() const { return m_find; }
    ProblemsPanel* problems() const { return m_problems; }
    OutlinePanel* outline() const { return m_outline; }
    FileList* files() const { return m_files; }
    QString notice() const; ///< What the banner says; empty when it is hidden.
    bool isSettled() const;
    ClusterKnowledge* knowledge() const { return m_knowledge; } ///< Null: offline.
    Cluster* cluster() const { return m_cluster; }
    document::Kinds kinds() const;
    std::string defaultNameSpace() const; ///< Of objects that name none.

    /// A designer takes its place above the text; it is shown while `isDesigning`.
    void setDesigner(QWidget* designer);
    void setDesigning(bool isDesigning);
    bool isDesigning() const { return m_isDesigning; }
    /// Shows where a document begins, or a place in it, without taking the focus.
    void reveal(quint64 manifest, std::size_t document, const document::Path& place = {});
    void showError(const QString& what, const Error& error);
    void showNotice(StatusRole role, const QString& title, const QString& detail);

    void open(const QStringList& paths); ///< Files and folders.

    // Commands of the window's registry.
    void create();
    void chooseFile();
    void chooseFolder();
    void save();
    void saveAs();
    void saveAll();
    void closeCurrent();
    void find(bool withReplace);
    void compare(); ///< The current manifest with what is live.
    void apply();   ///< The current manifest.
    void applyAll();
    void backToText();
    void goToProblem(bool forward);
    void nextPane();

signals:
    void applied(const QString& summary);
    void designingRequested(bool isDesigning);
    void kindsChanged(); ///< Or the default namespace.
    void currentChanged();
    void placeChanged(quint64 manifest, std::size_t document); ///< Of the cursor.
    void backRequested();                                      ///< Without a cluster: to where one is chosen.

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QWidget* buildBar();
    QWidget* buildSide();
    QWidget* buildMiddle();
    QToolButton* button(const QString& icon, const QString& text, const QString& tip, std::function<void()> run);
    void connectSession();
    void connectPanes();
    void showManifest(Manifest* manifest);
    void shareHeight();
    ManifestEditor* editorOf(Manifest* manifest);
    void offerToBreak(Manifest* manifest);
    void showFileMenu(const QPoint& place);
    void refreshSide();
    void refreshFile(Manifest* manifest);
    void refreshFindings();
    void refreshOutline();
    void refreshPlace();
    void refreshButtons();
    void showOutOfDate(Manifest* manifest);
    void startApply(const QVector<Manifest*>& manifests, bool isComparing);
    struct Unreadable;
    void refuseApply(const Unreadable& what);
    void offerToResume(const std::filesystem::path& journal);
    void openApply(const std::vector<ApplyObject>& objects, bool isComparing);
    static std::size_t offsetOf(const Manifest& manifest, std::size_t document, document::Path place);
    QString placeWords(quint64 manifest, std::size_t document, const document::Path& place) const;
    void goTo(quint64 manifest, std::size_t document, const document::Path& place);

    Cluster* m_cluster;
    std::unique_ptr<ManifestSession> m_session;
    ClusterKnowledge* m_knowledge = nullptr;
    ManifestChecker* m_checker = nullptr;
    Banner* m_banner;
    FileList* m_files;
    OutlinePanel* m_outline;
    QStackedWidget* m_stack; ///< Empty state, text, apply.
    QStackedWidget* m_editors;
    LongLinePane* m_longLine;
    QWidget* m_empty = nullptr;
    QWidget* m_textPane = nullptr; ///< Designer, text, problems.
    QSplitter* m_vertical = nullptr;
    QWidget* m_text = nullptr;
    QWidget* m_designer = nullptr;
    FindBar* m_find;
    ProblemsPanel* m_problems;
    ApplyPanel* m_apply = nullptr;
    QLabel* m_place;
    QLabel* m_kindsLabel;
    QWidget* m_side = nullptr;
    QLabel* m_title = nullptr;
    QToolButton* m_designButton = nullptr;
    QToolButton* m_saveButton = nullptr;
    QToolButton* m_compareButton = nullptr;
    QToolButton* m_applyButton = nullptr;
    QToolButton* m_applyAllButton = nullptr;
    QToolButton* m_findButton = nullptr;
    QHash<quint64, ManifestEditor*> m_editorOf;
    std::set<quint64> m_isShownAsItIs; ///< Whatever its longest line.
    Manifest* m_current = nullptr;
    bool m_isReading = false; ///< What is to be applied is being read.
    bool m_hasRecovered = false;
    bool m_isDesigning = false;
    bool m_isShared = false; ///< The user has said how high the canvas is.
    bool m_isActive = false; ///< The knowledge was told that it is needed.
};

} // namespace keelson::ui
