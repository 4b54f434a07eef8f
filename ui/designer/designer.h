// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/templates.h"
#include "designer/design_view.h"

#include <QWidget>

#include <functional>

class QLabel;
class QMenu;
class QSplitter;
class QStackedLayout;
class QToolButton;

namespace keelson::ui {

class EmptyState;
class FormPanel;
class GhostWatch;
class LiveWatch;
class ManifestsPage;
class PaletteList;
struct Finding;

/// The designer: palette, canvas and form over the open manifests of a page, whose text stands below it. It adds no
/// state of its own but places: everything it changes, it changes in the texts.
class Designer : public QWidget {
    Q_OBJECT
public:
    /// Takes its place in the page. `dataFolder`: where places of texts without a file are kept; empty: the usual
    /// place.
    explicit Designer(ManifestsPage& page, const QString& dataFolder = {});

    DesignModel& model() { return *m_model; }
    DesignView* view() const { return m_view; }
    PaletteList* palette() const { return m_palette; }
    FormPanel* form() const { return m_form; }
    LiveWatch* live() const { return m_live; }      ///< Null: offline.
    GhostWatch* ghosts() const { return m_ghosts; } ///< Likewise.
    bool isSettled() const;

    void add(const QString& kind);
    void removeSelected();
    void copy();
    void cut();
    void paste();
    void duplicate();
    void insertTemplate(const design::Template& one);
    /// Manifests for a Compose file; what has no counterpart stands as comments above the first.
    void importCompose(const QString& path);
    void chooseCompose();
    /// The whole canvas as a PNG. `Forbidden`: the file cannot be written.
    Result<Done> exportPicture(const QString& path);
    void choosePicture();
    void importFromCluster(); ///< Without a cluster it says so.
    void arrange();
    void insertObjects(const std::vector<api::Value>& objects, const QString& label);
    void setGhosts(bool isShown);
    bool hasGhosts() const;

protected:
    bool event(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void sharePanels();
    QWidget* buildBar();
    QWidget* buildCanvas();
    QToolButton* button(const QString& icon, const QString& text, const QString& tip, std::function<void()> run);
    void connectView();
    void connectPalette();
    void dragIn(const QString& kind, const QPoint& globalPosition);
    void dropIn(const QString& kind, const QPoint& globalPosition);
    void addAt(const QString& kind, design::Place at, design::CardId onto);
    void offerRelations(design::CardId from, design::CardId to, const QPoint& globalPosition);
    void carryOut(const design::Offer& offer);
    void showMenu(const QPoint& globalPosition);
    void fillAlignMenu(QMenu& menu);
    void addCures(QMenu& menu);
    void fillAddMenu(QMenu& menu);
    void connectCluster();
    void insertCompose(const Result<std::string>& text, const QString& name);
    void showMade(const CardSet& made);
    const design::Card* cardOf(const Finding& finding) const;
    void addGroupEntries(QMenu& menu);
    void addLive(CardMark& mark, design::CardId card) const;
    void selected();
    void placeChosen(quint64 manifest, std::size_t document);
    void refreshMarks();
    void refreshForm();
    void refreshButtons();
    void refreshEmpty();

    ManifestsPage& m_page;
    DesignModel* m_model;
    DesignView* m_view;
    PaletteList* m_palette;
    FormPanel* m_form;
    EmptyState* m_empty;
    QStackedLayout* m_stack = nullptr;
    QSplitter* m_split;
    QToolButton* m_undo = nullptr;
    QToolButton* m_redo = nullptr;
    QToolButton* m_align = nullptr;
    QToolButton* m_group = nullptr;
    QToolButton* m_connect = nullptr;
    QToolButton* m_delete = nullptr;
    QToolButton* m_only = nullptr;
    QToolButton* m_ghostButton = nullptr;
    LiveWatch* m_live = nullptr;
    GhostWatch* m_ghosts = nullptr;
    QLabel* m_count = nullptr;
    bool m_isShared = false;    ///< The user has chosen how wide the panels are.
    bool m_isFollowing = false; ///< The text is being shown what is selected here.
};

} // namespace keelson::ui
