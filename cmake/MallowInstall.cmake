# What `cmake --install` puts into a prefix. Nothing in it names the prefix, so that the
# tree can be moved as a whole: mallow finds libmallow.so relative to itself.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Mallow)

install(TARGETS mallow)
install(TARGETS libmallow libmallow_analysis libmallow_analysis_static EXPORT MallowTargets)
# In the folder of libraries, where `.load mallow_sqlite` finds it by its name alone.
install(TARGETS mallow_sqlite DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/mallow TYPE INCLUDE FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE README.md CHANGELOG.md TYPE DOC)

# The CMake package: find_package(Mallow) gives Mallow::mallow and
# Mallow::analysis.
install(EXPORT MallowTargets NAMESPACE Mallow:: DESTINATION ${package_dir})
configure_package_config_file(cmake/MallowConfig.cmake.in
	${CMAKE_CURRENT_BINARY_DIR}/MallowConfig.cmake INSTALL_DESTINATION ${package_dir}
	PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/MallowConfigVersion.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/MallowConfig.cmake
	${CMAKE_CURRENT_BINARY_DIR}/MallowConfigVersion.cmake DESTINATION ${package_dir})

# pkg-config. The prefix is told relative to the .pc file.
file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
foreach(name mallow mallow-analysis)
	configure_file(cmake/${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
endforeach()
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mallow.pc
	${CMAKE_CURRENT_BINARY_DIR}/mallow-analysis.pc
	DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Completions, where each shell looks for them.
install(FILES completions/mallow.bash
	DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mallow)
install(FILES completions/_mallow
	DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES completions/mallow.fish
	DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# Man pages, if there is a scdoc: docs/man/NAME.SECTION.scd
find_program(SCDOC scdoc)
mark_as_advanced(SCDOC)
file(GLOB man_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/docs/man/*.scd")
if(SCDOC AND man_sources)
	foreach(source IN LISTS man_sources)
		get_filename_component(page ${source} NAME_WLE)
		string(REGEX MATCH "[0-9]$" section ${page})
		set(output ${CMAKE_BINARY_DIR}/man/man${section}/${page})
		add_custom_command(OUTPUT ${output}
			COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man/man${section}
			COMMAND sh -c "\"$1\" <\"$2\" >\"$3\"" sh ${SCDOC} ${source} ${output}
			DEPENDS ${source} VERBATIM COMMENT "Man page ${page}")
		list(APPEND man_pages ${output})
		install(FILES ${output} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
	endforeach()
	add_custom_target(man ALL DEPENDS ${man_pages})
elseif(NOT SCDOC)
	message(STATUS "scdoc was not found: the man pages are not built")
endif()
