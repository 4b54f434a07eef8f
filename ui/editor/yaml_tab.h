// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_checker.h"
#include "editor/manifest_session.h"
#include "editor/object_edit.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QStackedLayout;

namespace keelson::ui {

class Banner;
class ClusterKnowledge;
class ConflictList;
class ManifestEditor;
class YamlView;

/// One object as text: checked as one types, compared with what is live, and applied after the server has tried it.
///
/// Applying: what the text changes, on top of what is live; the server's dry run; the difference that it would make;
/// then, when the user says so, the change. Where others have changed the same fields, the user decides first.
///
/// What is typed and not applied is kept as an unsaved manifest would be, however the program ends.
class YamlTab : public QWidget {
    Q_OBJECT
public:
    /// An existing object; or, with a null `item`, a new one from a template.
    YamlTab(Cluster& cluster, const ItemPtr& item, QWidget* parent = nullptr);
    ~YamlTab() override;

    ManifestEditor* editor() const { return m_editor; }
    const QString& title() const { return m_title; } ///< Of the object: "web", or "New object".
    QString text() const;
    void setText(const QString& text);
    bool isLoaded() const { return !m_edit.base().isNull(); }
    /// There is something to lose: the text is neither as it was loaded or applied nor the untouched template.
    bool isEdited() const { return isLoaded() && text() != m_edit.base(); }
    /// Errors and warnings; hints about practices are for manifests, not for what runs.
    const std::vector<Finding>& problems() const { return m_problems; }
    bool isComparing() const;                                                     ///< A difference is shown.
    bool isProven() const { return m_edit.phase() == ObjectEdit::Phase::Proven; } ///< It waits for a yes.
    QString stateText() const;
    const ObjectEdit& edit() const { return m_edit; }
    ConflictList* conflictList() const { return m_conflicts; }
    Banner* banner() const { return m_banner; }

    void discard();      ///< The text is as it was; what was typed is not wanted.
    void apply();        ///< Merge and dry run; then the difference is shown.
    void confirmApply(); ///< Carries out what was shown.
    void showDiff();     ///< What the text changes of what is live now.
    void backToText();

signals:
    void applied(const QString& what);
    void problemsChanged();

private:
    QWidget* buildBar();
    void connectEdit();
    std::optional<api::Value> value(); ///< The text, read; none when that was said.
    void reload();
    void replaceText(const QString& text);
    void checked();
    void changed();
    void phaseChanged();
    void sayGone();
    void sayMoved();
    void refreshButtons();

    ClusterKnowledge& m_knowledge;
    QString m_title;
    ObjectEdit m_edit;
    ManifestSession m_session;
    Manifest* m_manifest;
    ManifestChecker m_checker;
    ManifestEditor* m_editor;
    YamlView* m_diff;
    ConflictList* m_conflicts;
    QStackedLayout* m_stack;
    Banner* m_banner;
    QLabel* m_state;
    QPushButton* m_apply;
    QPushButton* m_compare;
    QPushButton* m_reload;
    std::vector<Finding> m_problems;
};

} // namespace keelson::ui
